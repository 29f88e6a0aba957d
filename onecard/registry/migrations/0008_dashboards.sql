-- Read-only tokens for dashboards outside.
CREATE TABLE dashboard_token (
    id text NOT NULL PRIMARY KEY,
    name text NOT NULL,                         -- which dashboard, in its maker's words
    campus_id text REFERENCES campus (id),      -- null: of all campuses
    made_by text NOT NULL,
    made_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    used_on date                                -- the last day it was used
);
