-- What two persons of the offices decide about money or energy that a machine cannot: one proposes, another decides.
CREATE TABLE electricity_proposal (
    id text NOT NULL PRIMARY KEY,
    position bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    kind text NOT NULL CHECK (kind IN ('REFUND', 'ASSIGN', 'MOVE', 'AGAINST_PAYER', 'WRITE_OFF')),
    order_id text NOT NULL,
    case_id text,                              -- of a dispute
    to_room_id text REFERENCES room (id),      -- ASSIGN, MOVE
    wh bigint CHECK (wh > 0),                  -- MOVE
    reason text NOT NULL,
    state text NOT NULL DEFAULT 'OPEN' CHECK (state IN ('OPEN', 'APPROVED', 'REJECTED')),
    proposed_by text NOT NULL,
    proposed_at timestamptz NOT NULL,
    decided_by text,
    decided_at timestamptz,
    decision text,                             -- why, in the words of whoever decided
    caller_key text NOT NULL UNIQUE,
    body bytea NOT NULL CHECK (octet_length(body) = 32),
    CHECK ((state = 'OPEN') = (decided_by IS NULL)),
    CHECK (decided_by <> proposed_by),
    CHECK ((kind IN ('ASSIGN', 'MOVE')) = (to_room_id IS NOT NULL)),
    CHECK ((kind = 'MOVE') = (wh IS NOT NULL)),
    CHECK ((kind IN ('AGAINST_PAYER', 'WRITE_OFF')) = (case_id IS NOT NULL))
);
CREATE UNIQUE INDEX electricity_proposal_open ON electricity_proposal (order_id) WHERE state = 'OPEN';
