-- 缴费链接: somebody outside the school pays for the room of who made it.
CREATE TABLE pay_link (
    id text NOT NULL PRIMARY KEY,
    room_id text NOT NULL REFERENCES room (id),
    made_by text NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    label text NOT NULL,                        -- for whom it was made, in its maker's words
    made_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz                        -- by its maker
);
CREATE UNIQUE INDEX pay_link_open ON pay_link (made_by, room_id, label) WHERE ended_at IS NULL;
