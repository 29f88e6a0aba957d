-- Readings of meters as facts, and what was used by the hour and by the day, which is right after late readings too.

ALTER TABLE meter ADD COLUMN position bigint GENERATED ALWAYS AS IDENTITY UNIQUE;   -- of a page of them
CREATE INDEX device_command_device ON device_command (device, sequence);

-- One reading for each quarter of an hour; the first that came for it stays.
CREATE TABLE meter_reading (
    meter_id text NOT NULL REFERENCES meter (id),
    slot timestamptz NOT NULL,
    read_at timestamptz NOT NULL,
    total_wh bigint NOT NULL CHECK (total_wh >= 0),
    recorded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (meter_id, slot)
);

-- complete: a reading at its end or later is there; else it is what is known so far.
CREATE TABLE usage_hour (
    meter_id text NOT NULL REFERENCES meter (id),
    hour timestamptz NOT NULL,
    room_id text REFERENCES room (id),
    wh bigint NOT NULL,
    complete boolean NOT NULL,
    PRIMARY KEY (meter_id, hour)
);
CREATE INDEX usage_hour_room ON usage_hour (room_id, hour);
CREATE TABLE usage_day (
    meter_id text NOT NULL REFERENCES meter (id),
    day date NOT NULL,                         -- the school's: Asia/Shanghai
    room_id text REFERENCES room (id),
    wh bigint NOT NULL,
    complete boolean NOT NULL,
    PRIMARY KEY (meter_id, day)
);
CREATE INDEX usage_day_room ON usage_day (room_id, day);
CREATE INDEX usage_day_day ON usage_day (day) INCLUDE (room_id, wh, complete);

-- What readings in [p_from, p_to] of a meter can have changed: from the reading before to the reading after.
CREATE FUNCTION usage_spans(p_meters text[], p_from timestamptz[], p_to timestamptz[])
RETURNS TABLE (meter_id text, room_id text, lo timestamptz, hi timestamptz) LANGUAGE sql STABLE AS $$
    SELECT m.id, m.room_id,
           date_trunc('hour', coalesce((SELECT max(r.read_at) FROM meter_reading r
                                         WHERE r.meter_id = w.id AND r.read_at < w.lo AND r.slot <= w.lo), w.lo)),
           date_trunc('hour', coalesce((SELECT min(r.read_at) FROM meter_reading r
                                         WHERE r.meter_id = w.id AND r.read_at > w.hi
                                           AND r.slot >= w.hi - interval '15 minutes'), w.hi))
      FROM unnest(p_meters, p_from, p_to) AS w (id, lo, hi) JOIN meter m ON m.id = w.id
$$;

-- Counts the hours and days of those spans anew. Between two readings what ran is spread evenly.
CREATE FUNCTION usage_recount(p_meters text[], p_from timestamptz[], p_to timestamptz[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO usage_hour AS u (meter_id, hour, room_id, wh, complete)
    SELECT meter_id, at, room_id, next_wh - wh, known
      FROM (SELECT e.meter_id, e.room_id, e.at, e.hi, e.wh,
                   lead(e.wh) OVER of_meter AS next_wh, lead(e.known) OVER of_meter AS known
              FROM (SELECT s.meter_id, s.room_id, s.hi, h.at, n.read_at IS NOT NULL AS known,
                           CASE WHEN n.read_at IS NULL THEN p.total_wh
                                WHEN p.read_at IS NULL OR n.read_at = p.read_at THEN n.total_wh
                                ELSE p.total_wh + round((n.total_wh - p.total_wh)
                                     * (extract(epoch FROM h.at - p.read_at) / extract(epoch FROM n.read_at - p.read_at)))
                           END::bigint AS wh
                      FROM usage_spans(p_meters, p_from, p_to) s
                      CROSS JOIN LATERAL generate_series(s.lo, s.hi + interval '1 hour', interval '1 hour') AS h (at)
                      LEFT JOIN LATERAL (SELECT read_at, total_wh FROM meter_reading r
                                          WHERE r.meter_id = s.meter_id AND r.read_at <= h.at
                                            AND r.slot <= h.at ORDER BY r.slot DESC LIMIT 1) p ON true
                      LEFT JOIN LATERAL (SELECT read_at, total_wh FROM meter_reading r
                                          WHERE r.meter_id = s.meter_id AND r.read_at >= h.at
                                            AND r.slot >= h.at - interval '15 minutes' ORDER BY r.slot LIMIT 1) n ON true
                   ) e
            WINDOW of_meter AS (PARTITION BY e.meter_id ORDER BY e.at)) spread
     WHERE at <= hi
    ON CONFLICT (meter_id, hour) DO UPDATE SET wh = excluded.wh, complete = excluded.complete
     WHERE (u.wh, u.complete) IS DISTINCT FROM (excluded.wh, excluded.complete);
    INSERT INTO usage_day AS u (meter_id, day, room_id, wh, complete)
    SELECT s.meter_id, d.day, s.room_id, sum(h.wh), bool_and(h.complete) AND count(*) >= 1
      FROM usage_spans(p_meters, p_from, p_to) s
      CROSS JOIN LATERAL (SELECT generate_series((s.lo AT TIME ZONE 'Asia/Shanghai')::date,
                                                 (s.hi AT TIME ZONE 'Asia/Shanghai')::date, interval '1 day')::date) AS d (day)
      JOIN usage_hour h ON h.meter_id = s.meter_id AND h.hour >= d.day::timestamp AT TIME ZONE 'Asia/Shanghai'
                       AND h.hour < (d.day + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
     GROUP BY s.meter_id, d.day, s.room_id
    ON CONFLICT (meter_id, day) DO UPDATE SET wh = excluded.wh, complete = excluded.complete
     WHERE (u.wh, u.complete) IS DISTINCT FROM (excluded.wh, excluded.complete);
END $$;

-- Which classes a counselor 辅导员 cares for.
CREATE TABLE class_counselor (
    class_id text NOT NULL REFERENCES class_group (id),
    person_id text NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    PRIMARY KEY (class_id, person_id)
);
CREATE INDEX class_counselor_person ON class_counselor (person_id);
