"""What must hold of electricity: an order's money, a room's energy, and both together (I10, I15, I17)."""

from __future__ import annotations

from onecard.ledger.rule import Rule

ELECTRICITY = (
    Rule(
        "I6",
        "An order for electricity was paid, delivered or given back otherwise than its postings say.",
        """WITH line AS (
               SELECT e.month, e.transfer_id, split_part(e.account, ':', 1) AS account,
                      split_part(e.account, ':', 2) AS of, sum(e.amount) AS amount
                 FROM entry e JOIN transfer t ON t.month = e.month AND t.id = e.transfer_id
                WHERE t.kind = 'ELECTRICITY' GROUP BY 1, 2, 3, 4)
           SELECT format('order %s: its payment', o.id) AS example
             FROM electricity_order o
             LEFT JOIN transfer t ON t.month = o.month AND t.id = o.transfer_id
             LEFT JOIN line c ON c.month = o.month AND c.transfer_id = o.transfer_id
                             AND c.account = 'electricity_clearing'
            WHERE o.transfer_id IS NOT NULL
              AND (c.amount IS DISTINCT FROM -o.amount_fen OR t.account_id IS DISTINCT FROM o.account_id
                OR t.amount_fen <> CASE o.method WHEN 'CARD_ACCOUNT' THEN -o.amount_fen ELSE 0 END)
           UNION ALL
           SELECT format('order %s: its delivery', o.id)
             FROM electricity_order o
             LEFT JOIN line c ON c.month = o.delivery_month AND c.transfer_id = o.delivery_id
                  AND c.account = CASE o.state WHEN 'DISPUTED' THEN 'dispute' ELSE 'electricity_clearing' END
             LEFT JOIN line r ON r.month = o.delivery_month AND r.transfer_id = o.delivery_id
                  AND r.account = 'room' AND r.of = o.room_id
             LEFT JOIN line x ON x.month = o.delivery_month AND x.transfer_id = o.delivery_id
                  AND x.account = 'emergency_credit' AND x.of = o.room_id
            WHERE o.delivery_id IS NOT NULL
              AND (c.amount IS DISTINCT FROM o.amount_fen OR coalesce(-r.amount, 0) <> o.wh
                OR coalesce(-x.amount, 0) <> o.repaid_fen)""",
    ),
    Rule(
        "I9",
        "A purchase from the account went below its bound.",
        """SELECT format('transfer %s of %s', id, account_id) AS example
             FROM transfer WHERE kind = 'ELECTRICITY' AND amount_fen < 0 AND account_id IS NOT NULL
              AND card_fen + transition_fen + electronic_fen - held_fen < -$1::bigint""",
        lambda policy: (policy.overdraft_limit_fen,),
    ),
    Rule(
        "I10",
        "An order was delivered and given back, and no dispute says so.",
        """WITH returned AS (
               SELECT electricity_id AS id FROM refund WHERE electricity_id IS NOT NULL AND state <> 'FAILED'
               UNION ALL
               SELECT k.subject FROM transfer t JOIN posting_key k ON k.key = t.key
                WHERE t.kind = 'ELECTRICITY' AND t.amount_fen > 0 AND t.account_id IS NOT NULL),
           times AS (SELECT id, count(*) AS n FROM returned GROUP BY id)
           SELECT format('order %s is %s, given back %s times', o.id, o.state, coalesce(t.n, 0)) AS example
             FROM electricity_order o LEFT JOIN times t ON t.id = o.id
            WHERE coalesce(t.n, 0) > 1 OR (o.state = 'DELIVERED' AND t.n > 0)
               OR (o.state = 'REFUNDED' AND t.n IS NULL)
           UNION ALL
           SELECT format('order %s is disputed without a case', o.id)
             FROM electricity_order o
             LEFT JOIN suspense_case c ON c.kind = 'ELECTRICITY_DISPUTE' AND c.reference = o.id
                  AND c.amount_fen = o.amount_fen
            WHERE o.state = 'DISPUTED' AND c.id IS NULL""",
    ),
    Rule(
        "I15",
        "What a room has is not what its entries say.",
        """WITH said AS (
               SELECT split_part(account, ':', 2) AS room,
                      coalesce(-sum(amount) FILTER (WHERE account LIKE 'room:%'), 0) AS bought,
                      coalesce(-sum(amount) FILTER (WHERE account LIKE 'room_quota:%'), 0) AS quota,
                      coalesce(sum(amount) FILTER (WHERE account LIKE 'emergency_credit:%'), 0) AS owed
                 FROM entry
                WHERE account LIKE 'room:%' OR account LIKE 'room_quota:%' OR account LIKE 'emergency_credit:%'
                GROUP BY 1)
           SELECT format('room %s: stored %s/%s Wh and %s fen, entries %s/%s and %s', coalesce(r.room_id, s.room),
                         r.bought_wh, r.quota_wh, r.emergency_fen, s.bought, s.quota, s.owed) AS example
             FROM room_energy r FULL JOIN said s ON s.room = r.room_id
            WHERE r.room_id IS NULL OR (r.bought_wh, r.quota_wh, r.emergency_fen)
               IS DISTINCT FROM (coalesce(s.bought, 0), coalesce(s.quota, 0), coalesce(s.owed, 0))""",
    ),
    Rule(
        "I15",
        "A meter's consumption was posted twice, or not up to where it says.",
        """SELECT format('meter %s: %s', k.meter, k.total) AS example
             FROM (SELECT split_part(key, ':', 2) AS meter, max(split_part(key, ':', 3)::bigint) AS total
                     FROM posting_key WHERE key LIKE 'consumed:%' GROUP BY 1) k
             LEFT JOIN meter_consumed c ON c.meter_id = k.meter
            WHERE c.total_wh IS DISTINCT FROM k.total""",
    ),
    Rule(
        "I15",
        "A room's free energy of a period was granted without its record, or the record without it.",
        """SELECT format('%s', coalesce(k.key, 'quota:' || q.room_id || ':' || q.period)) AS example
             FROM (SELECT key FROM posting_key WHERE key LIKE 'quota:%') k
             FULL JOIN room_quota q ON k.key = 'quota:' || q.room_id || ':' || q.period
            WHERE k.key IS NULL OR q.room_id IS NULL""",
    ),
    Rule(
        "I17",
        "Paid is not delivered plus refunded plus in clearing, less disputes.",
        """WITH paid AS (
               SELECT coalesce(sum(amount_fen), 0) AS fen FROM electricity_order WHERE paid_at IS NOT NULL),
           delivered AS (
               SELECT coalesce(sum(amount_fen), 0) AS fen FROM electricity_order WHERE delivery_id IS NOT NULL),
           refunded AS (
               SELECT coalesce(sum(fen), 0) AS fen FROM (
                   SELECT amount_fen AS fen FROM refund WHERE electricity_id IS NOT NULL AND state <> 'FAILED'
                   UNION ALL
                   SELECT amount_fen FROM transfer
                    WHERE kind = 'ELECTRICITY' AND amount_fen > 0 AND account_id IS NOT NULL) r),
           clearing AS (
               SELECT coalesce(-sum(amount), 0) AS fen FROM entry WHERE account = 'electricity_clearing'),
           disputed AS (
               SELECT coalesce(sum(amount_fen), 0) AS fen FROM suspense_case WHERE kind = 'ELECTRICITY_DISPUTE')
           SELECT format('paid %s, delivered %s, refunded %s, in clearing %s, disputed %s',
                         p.fen, d.fen, r.fen, c.fen, x.fen) AS example
             FROM paid p, delivered d, refunded r, clearing c, disputed x
            WHERE p.fen <> d.fen + r.fen + c.fen - x.fen""",
    ),
    Rule(
        "I17",
        "What lies in dispute is not the sum of the open disputes.",
        """SELECT format('dispute %s, open cases %s', d.fen, c.fen) AS example
             FROM (SELECT coalesce(sum(amount), 0) AS fen FROM entry WHERE account = 'dispute') d,
                  (SELECT coalesce(sum(amount_fen), 0) AS fen FROM suspense_case
                    WHERE kind = 'ELECTRICITY_DISPUTE' AND state = 'OPEN') c
            WHERE d.fen <> c.fen""",
    ),
)
