-- Meters and what they last said, and the department office (院部办公室), who approves applications.

ALTER TABLE person DROP CONSTRAINT person_roles_check;
ALTER TABLE person ADD CONSTRAINT person_roles_check CHECK (roles <@ ARRAY[
    'STUDENT', 'COUNSELOR', 'OPERATOR', 'UTILITY_STAFF', 'DEPARTMENT_OFFICE', 'MERCHANT', 'FINANCE', 'AUDITOR']);

-- One installation of one meter: a meter that moves, or is replaced, gets a new row.
CREATE TABLE meter (
    id text NOT NULL PRIMARY KEY,
    number text NOT NULL CHECK (number ~ '^[0-9A-Za-z]{4,20}$'),  -- 表号; DL/T 645: its address, 12 digits
    model text NOT NULL,                    -- a model of its gateway's configuration
    protocol text NOT NULL CHECK (protocol IN ('DLT645', 'MODBUS')),
    way text NOT NULL CHECK (way IN ('SERVER_CREDIT', 'METER_CREDIT')),
    room_id text REFERENCES room (id),      -- null: in no room yet
    gateway_id text NOT NULL REFERENCES gateway (id),
    bus text NOT NULL,                      -- the line it hangs on, as its gateway calls it
    installed_at timestamptz NOT NULL,
    removed_at timestamptz CHECK (removed_at >= installed_at)
);
CREATE UNIQUE INDEX meter_number ON meter (number) WHERE removed_at IS NULL;
CREATE UNIQUE INDEX meter_of_room ON meter (room_id) WHERE removed_at IS NULL;
CREATE INDEX meter_gateway ON meter (gateway_id);
CREATE INDEX meter_room ON meter (room_id);

-- Its newest reading, moved along; null: never said. Energy in Wh.
CREATE TABLE meter_state (
    meter_id text NOT NULL PRIMARY KEY REFERENCES meter (id),
    read_at timestamptz,
    total_wh bigint,                        -- the register, forward active energy
    power_w integer,
    relay text CHECK (relay IN ('OPEN', 'CLOSED')),
    flags text[] NOT NULL DEFAULT '{}' CHECK (flags <@ ARRAY[
        'MALICIOUS_CUT', 'MALICIOUS_LOCKED', 'RELAY_FAULT', 'TAMPERED', 'BATTERY_LOW']),
    meter_remaining_wh bigint,              -- METER_CREDIT: what its display shows
    credit_counter integer,                 -- METER_CREDIT: how many orders it has applied
    heard_at timestamptz,                   -- any word of it
    silent_since timestamptz                -- its gateway asks it no longer in every round
);
CREATE INDEX meter_state_silent ON meter_state (silent_since) WHERE silent_since IS NOT NULL;
