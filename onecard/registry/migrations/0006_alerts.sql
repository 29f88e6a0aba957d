-- 用电提醒: who wants to hear what of their room, and what is on its way to them.

-- A row: it is on. `said`: what was told and is not over yet, of the room where they lived then.
CREATE TABLE alert_subscription (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id text NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('LOW_ENERGY', 'NIGHT_CUT', 'POWER_CUT', 'POWER_RESTORED')),
    threshold_wh integer NOT NULL CHECK (threshold_wh > 0),
    room_id text REFERENCES room (id),
    said text,
    told_at timestamptz,
    UNIQUE (person_id, kind)
);

CREATE TABLE alert (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id text NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    kind text NOT NULL,
    words text NOT NULL,
    made_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'WAITING' CHECK (state IN ('WAITING', 'SENT', 'REFUSED', 'LATE'))
);
CREATE INDEX alert_waiting ON alert (id) WHERE state = 'WAITING';
CREATE INDEX alert_made ON alert (made_at);
