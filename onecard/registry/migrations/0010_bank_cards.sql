-- 绑定银行卡: the agreement by which the school's bank takes money from somebody's own card.
CREATE TABLE bank_card (
    id text NOT NULL PRIMARY KEY,               -- the bank knows the agreement by this number
    person_id text NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    state text NOT NULL CHECK (state IN ('SIGNING', 'BOUND', 'ENDED')),
    agreement_id text,                          -- the bank's
    bank_name text,
    last_four text CHECK (last_four ~ '^[0-9]{4}$'),
    once_limit_fen bigint CHECK (once_limit_fen > 0),
    day_limit_fen bigint CHECK (day_limit_fen > 0),
    asked_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,            -- of the bank's page
    bound_at timestamptz,
    ended_at timestamptz,
    CHECK (state <> 'BOUND' OR (agreement_id IS NOT NULL AND bank_name IS NOT NULL AND last_four IS NOT NULL
                                AND once_limit_fen IS NOT NULL AND day_limit_fen IS NOT NULL
                                AND bound_at IS NOT NULL)),
    CHECK ((state = 'ENDED') = (ended_at IS NOT NULL))
);
-- One at a time: whose card pays is never a question.
CREATE UNIQUE INDEX bank_card_open ON bank_card (person_id) WHERE state <> 'ENDED';
