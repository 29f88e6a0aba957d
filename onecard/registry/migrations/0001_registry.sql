-- Who and what a school has. Keys are public ids; `code` is the school's own name for a row, by which
-- imports find it again. Names and phones are sealed (AES-GCM, onecard/registry/vault.py).

-- Places -------------------------------------------------------------------------------------------------

CREATE TABLE campus (
    id text NOT NULL PRIMARY KEY,
    code text NOT NULL UNIQUE,
    name text NOT NULL
);

CREATE TABLE building (
    id text NOT NULL PRIMARY KEY,
    code text NOT NULL UNIQUE,
    campus_id text NOT NULL REFERENCES campus (id),
    name text NOT NULL,
    floors smallint NOT NULL CHECK (floors BETWEEN 1 AND 200)
);
CREATE INDEX building_campus ON building (campus_id);

CREATE TABLE room (
    id text NOT NULL PRIMARY KEY,
    code text NOT NULL UNIQUE,
    building_id text NOT NULL REFERENCES building (id),
    floor smallint NOT NULL,
    number text NOT NULL,
    UNIQUE (building_id, floor, number)
);

-- People -------------------------------------------------------------------------------------------------

CREATE TABLE department (
    id text NOT NULL PRIMARY KEY,
    code text NOT NULL UNIQUE,
    name text NOT NULL
);

CREATE TABLE class_group (
    id text NOT NULL PRIMARY KEY,
    code text NOT NULL UNIQUE,
    department_id text NOT NULL REFERENCES department (id),
    name text NOT NULL
);
CREATE INDEX class_group_department ON class_group (department_id);

CREATE TABLE person (
    id text NOT NULL PRIMARY KEY,
    number text NOT NULL UNIQUE CHECK (number ~ '^[0-9A-Za-z]{1,20}$'),
    name_sealed bytea NOT NULL,
    phone_sealed bytea,
    digits_hash text,           -- argon2id over the query password; never the digits
    digits_profile text,        -- how dear the hash is: INVENTED people's is cheap
    roles text[] NOT NULL DEFAULT '{}'
        CHECK (roles <@ ARRAY['STUDENT', 'COUNSELOR', 'OPERATOR', 'UTILITY_STAFF', 'MERCHANT', 'FINANCE', 'AUDITOR']),
    department_id text REFERENCES department (id),
    class_id text REFERENCES class_group (id),
    account_id text UNIQUE REFERENCES wallet_account (id),
    bound_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((digits_hash IS NULL) = (digits_profile IS NULL)),
    CHECK (digits_profile IN ('REAL', 'INVENTED')),
    CHECK (bound_at IS NULL OR account_id IS NOT NULL)
);
CREATE INDEX person_class ON person (class_id);
CREATE INDEX person_department ON person (department_id);

CREATE TABLE residence (
    id text NOT NULL PRIMARY KEY,
    person_id text NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    room_id text NOT NULL REFERENCES room (id),
    since date NOT NULL,
    until date,
    CHECK (until >= since)
);
CREATE UNIQUE INDEX residence_now ON residence (person_id) WHERE until IS NULL;
CREATE INDEX residence_room ON residence (room_id);

-- Logins -------------------------------------------------------------------------------------------------

CREATE TABLE login (
    id text NOT NULL PRIMARY KEY,
    wecom_userid text NOT NULL UNIQUE,
    openid text,
    person_id text UNIQUE REFERENCES person (id),  -- one login, one person
    created_at timestamptz NOT NULL DEFAULT now(),
    last_login_at timestamptz NOT NULL DEFAULT now()
);

-- A family of refresh tokens: the newest is good, the one before it for a few seconds more.
CREATE TABLE login_session (
    id text NOT NULL PRIMARY KEY,
    login_id text NOT NULL REFERENCES login (id) ON DELETE CASCADE,
    newest integer NOT NULL CHECK (newest > 0),  -- the number of the newest token
    created_at timestamptz NOT NULL,
    rotated_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX login_session_login ON login_session (login_id);
CREATE INDEX login_session_expires ON login_session (expires_at);

-- Tries at binding, counted here while Redis is away.
CREATE TABLE attempt (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject text NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX attempt_subject ON attempt (subject, at);

-- Merchants and devices ----------------------------------------------------------------------------------

CREATE TABLE merchant (
    id text NOT NULL PRIMARY KEY,
    code text NOT NULL UNIQUE,
    name text NOT NULL,
    place text,
    journal_account text NOT NULL UNIQUE REFERENCES journal_account (code)
);

CREATE TABLE gateway (
    id text NOT NULL PRIMARY KEY,
    name text NOT NULL,
    public_key text NOT NULL,   -- PEM, Ed25519
    command_sequence integer NOT NULL DEFAULT 0,  -- the last one issued; counted under this row's lock
    enrolled_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz
);

CREATE TABLE terminal (
    id text NOT NULL PRIMARY KEY,
    number text NOT NULL UNIQUE CHECK (number ~ '^[0-9]{8}$'),
    place text,
    merchant_id text NOT NULL REFERENCES merchant (id),
    gateway_id text NOT NULL REFERENCES gateway (id),
    state text NOT NULL DEFAULT 'IN_SERVICE' CHECK (state IN ('IN_SERVICE', 'STOPPED')),
    last_seen_at timestamptz
);
CREATE INDEX terminal_merchant ON terminal (merchant_id);
CREATE INDEX terminal_gateway ON terminal (gateway_id);

CREATE TABLE device_command (
    id text NOT NULL PRIMARY KEY,
    gateway_id text NOT NULL REFERENCES gateway (id),
    sequence integer NOT NULL,
    device text NOT NULL,
    operation text NOT NULL,
    arguments jsonb NOT NULL DEFAULT '{}',
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'PENDING' CHECK (state IN
        ('PENDING', 'RECEIVED', 'SENT', 'ACKNOWLEDGED', 'VERIFIED', 'REJECTED', 'EXPIRED', 'UNKNOWN')),
    reported_at timestamptz,
    detail text,
    reason text NOT NULL,
    actor text NOT NULL,
    caller_key text NOT NULL UNIQUE,  -- who asked and the id they made: one id acts once
    body bytea NOT NULL CHECK (octet_length(body) = 32),
    UNIQUE (gateway_id, sequence),
    CHECK (expires_at > issued_at)
);
CREATE INDEX device_command_open ON device_command (expires_at)
    WHERE state IN ('PENDING', 'RECEIVED', 'SENT', 'ACKNOWLEDGED');

-- Who did what -------------------------------------------------------------------------------------------

CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    verb text NOT NULL,
    subject text NOT NULL,
    detail jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_subject ON audit (subject, id);

CREATE FUNCTION audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit rows are never changed' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER audit_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_kept();
