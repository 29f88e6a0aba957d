-- A move is a moment: what ran before it is the one's, what ran after it the other's.

ALTER TABLE residence
    ALTER COLUMN since TYPE timestamptz USING since::timestamp AT TIME ZONE 'Asia/Shanghai',
    ALTER COLUMN until TYPE timestamptz USING until::timestamp AT TIME ZONE 'Asia/Shanghai';
CREATE INDEX residence_person ON residence (person_id, since);
CREATE INDEX residence_until ON residence (until) WHERE until IS NOT NULL;

-- What a meter's register said at a moment: between two readings what ran is spread evenly. Null before the first
-- reading and after the last.
CREATE FUNCTION meter_total_at(p_meter text, p_at timestamptz) RETURNS numeric LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN n.read_at = p.read_at THEN p.total_wh
                ELSE p.total_wh + (n.total_wh - p.total_wh)
                     * (extract(epoch FROM p_at - p.read_at) / extract(epoch FROM n.read_at - p.read_at)) END
      FROM (SELECT read_at, total_wh FROM meter_reading
             WHERE meter_id = p_meter AND read_at <= p_at AND slot <= p_at ORDER BY slot DESC LIMIT 1) p,
           (SELECT read_at, total_wh FROM meter_reading
             WHERE meter_id = p_meter AND read_at >= p_at AND slot >= p_at - interval '15 minutes'
             ORDER BY slot LIMIT 1) n
$$;

-- What a person used, wherever they lived then: by day, room and meter. A day with a move is cut at it, by the hours
-- and within the hour by the readings; where a reading is still to come, evenly.
CREATE FUNCTION usage_of_person(p_person text, p_first date, p_last date)
RETURNS TABLE (day date, room_id text, wh bigint, complete boolean) LANGUAGE sql STABLE AS $$
    WITH home AS (
        SELECT r.room_id, r.since, coalesce(r.until, 'infinity') AS until,
               (r.since AT TIME ZONE 'Asia/Shanghai')::date AS first_day,
               (r.until AT TIME ZONE 'Asia/Shanghai')::date AS last_day
          FROM residence r WHERE r.person_id = p_person
    ), whole AS (
        SELECT u.day, h.room_id, u.wh, u.complete
          FROM home h JOIN usage_day u ON u.room_id = h.room_id AND u.day BETWEEN p_first AND p_last
         WHERE u.day::timestamp AT TIME ZONE 'Asia/Shanghai' >= h.since
           AND (u.day + 1)::timestamp AT TIME ZONE 'Asia/Shanghai' <= h.until
    ), cut AS (
        SELECT d.day, h.room_id, u.complete, u.wh,
               greatest(u.hour, h.since) AS lo, least(u.hour + interval '1 hour', h.until) AS hi,
               u.meter_id, u.hour
          FROM home h CROSS JOIN LATERAL (SELECT DISTINCT e.day FROM (VALUES (h.first_day), (h.last_day)) e (day)
                                           WHERE e.day BETWEEN p_first AND p_last
                                             AND NOT (e.day::timestamp AT TIME ZONE 'Asia/Shanghai' >= h.since
                                                  AND (e.day + 1)::timestamp AT TIME ZONE 'Asia/Shanghai' <= h.until)) d
          JOIN usage_hour u ON u.room_id = h.room_id
                           AND u.hour >= d.day::timestamp AT TIME ZONE 'Asia/Shanghai'
                           AND u.hour < (d.day + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
                           AND u.hour + interval '1 hour' > h.since AND u.hour < h.until
    )
    SELECT day, room_id, wh, complete FROM whole
    UNION ALL
    SELECT day, room_id,
           CASE WHEN hi - lo = interval '1 hour' THEN wh
                ELSE coalesce(round(meter_total_at(meter_id, hi)) - round(meter_total_at(meter_id, lo)),
                              round(wh * extract(epoch FROM hi - lo) / 3600))
           END::bigint,
           complete
      FROM cut
$$;
