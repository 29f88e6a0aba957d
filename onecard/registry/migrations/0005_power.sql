-- 恶性负载: what a room's meter cut for a forbidden appliance, and how it came back.

-- The last power that was drawn while the relay was closed: what a cut was for.
ALTER TABLE meter_state ADD COLUMN drawn_w integer;

CREATE TABLE power_incident (
    id text NOT NULL PRIMARY KEY,
    position bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    room_id text NOT NULL REFERENCES room (id),
    meter_id text NOT NULL REFERENCES meter (id),
    state text NOT NULL CHECK (state IN ('CUT', 'LOCKED', 'APPLIED', 'APPROVED', 'CLOSED')),
    watts integer CHECK (watts >= 0),
    opened_at timestamptz NOT NULL,
    due_at timestamptz,                        -- CUT: back by itself; APPLIED, APPROVED: the office's time
    overdue boolean NOT NULL DEFAULT false,
    applicant text REFERENCES person (id),
    closed_at timestamptz,
    CHECK ((state = 'CLOSED') = (closed_at IS NOT NULL)),
    CHECK (state NOT IN ('APPLIED', 'APPROVED') OR applicant IS NOT NULL)
);
CREATE UNIQUE INDEX power_incident_open ON power_incident (room_id) WHERE state <> 'CLOSED';
CREATE INDEX power_incident_room ON power_incident (room_id, position);

-- Every step, and who took it; never changed.
CREATE TABLE power_step (
    incident_id text NOT NULL REFERENCES power_incident (id),
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN (
        'CUT', 'LOCKED', 'APPLIED', 'APPROVED', 'REJECTED', 'OVERDUE', 'SWITCHED_ON', 'RESTORED')),
    at timestamptz NOT NULL,
    actor text NOT NULL,
    note text,
    caller_key text UNIQUE,                    -- of a step that a person takes
    body bytea CHECK (octet_length(body) = 32)
);
CREATE INDEX power_step_incident ON power_step (incident_id, position);
