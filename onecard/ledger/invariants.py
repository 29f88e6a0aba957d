"""What must hold in the ledger, each said in a sentence and looked for by SQL of its own.

A rule's SQL returns a row for each thing that is wrong: one column, `example`, which names it. All is read
from the tables: nothing here calls a posting function, and each rule is one pass with hashes or sorts.

The chain (I16) is in `check`, electricity (I10, I15, I17) in `invariants_electricity`. The numbers left out are
kept for what comes with its tables: I13 (chips read), I14 (WeChat's bill).
"""

from __future__ import annotations

from onecard.ledger.invariants_electricity import ELECTRICITY
from onecard.ledger.rule import Rule
from onecard.rules.policy import PaymentMode, Policy

MEANINGS = {
    "I1": "every transfer has all its lines and sums to 0",
    "I2": "all accounts together sum to 0",
    "I3": "what is stored (wallets, running balances, holds, rollup) is the sum of the entries",
    "I4": "the database refuses to change or delete what was posted",
    "I5": "the electronic account never goes below 0, nor transition while electronic has money",
    "I6": "one reference of the outside world, order, refund, case or caller's id is one posting",
    "I7": "every hold was granted on money that was there",
    "I8": "a caller's id stands for one request and one posting",
    "I9": "no authorised payment went below its bound",
    "I10": "no order for electricity is both delivered and refunded, but in dispute",
    "I11": "every transfer is reversed at most once, by its mirror",
    "I12": "refunds stay within what was paid and free; what waits is what was asked and what lies in suspense",
    "I15": "what a room has is what was issued and granted to it, less what it consumed",
    "I16": "the hash chain verifies, and nothing below its head was left out",
    "I17": "what was paid for electricity is delivered, refunded or in clearing, but for disputes",
    "DAY": "the accounting day never decreases with the ledger position, and closed days stay closed",
}


def _bounds(policy: Policy) -> tuple[object, ...]:
    strict = policy.payment_mode is PaymentMode.STRICT
    return (
        policy.payment_limit_once_fen,
        policy.payment_limit_day_fen,
        0 if strict else policy.overdraft_limit_fen,
    )


RULES = (
    # ------------------------------------------------------------------ the journal alone
    Rule(
        "I1",
        "A transfer does not sum to 0.",
        """SELECT format('transfer %s is off by %s %s', transfer_id, sum(amount), unit) AS example
             FROM entry GROUP BY month, transfer_id, unit HAVING sum(amount) <> 0""",
    ),
    Rule(
        "I1",
        "A transfer lacks lines, or has too many.",
        """SELECT format('transfer %s has %s of its %s lines', t.id, coalesce(e.found, 0), t.lines) AS example
             FROM transfer t
             LEFT JOIN (SELECT month, transfer_id, count(*) AS found FROM entry GROUP BY month, transfer_id) e
                    ON e.month = t.month AND e.transfer_id = t.id
            WHERE coalesce(e.found, 0) <> t.lines""",
    ),
    Rule(
        "I1",
        "An entry belongs to no transfer, or to no account of its unit.",
        """SELECT format('line %s of transfer %s on %s', e.line, e.transfer_id, e.account) AS example
             FROM entry e
             LEFT JOIN transfer t ON t.month = e.month AND t.id = e.transfer_id
             LEFT JOIN journal_account j ON j.code = e.account AND j.unit = e.unit
            WHERE t.id IS NULL OR j.code IS NULL""",
    ),
    Rule(
        "I1",
        "A ledger position is used twice.",
        """SELECT format('position %s', id) AS example
             FROM (SELECT id FROM transfer UNION ALL SELECT position FROM hold) p
            GROUP BY id HAVING count(*) > 1""",
    ),
    Rule(
        "I2",
        "The accounts do not sum to 0.",
        """SELECT format('%s %s too much', sum(amount), unit) AS example
             FROM entry GROUP BY unit HAVING sum(amount) <> 0""",
    ),
    Rule(
        "I3",
        "A wallet is not the sum of its entries.",
        """WITH journal AS (
               SELECT j.owner, j.wallet, -sum(e.amount) AS fen
                 FROM entry e JOIN journal_account j ON j.code = e.account
                WHERE j.wallet IS NOT NULL GROUP BY j.owner, j.wallet)
           SELECT format('%s %s: stored %s, entries %s', w.id, v.wallet, v.fen, coalesce(j.fen, 0)) AS example
             FROM wallet_account w
             CROSS JOIN LATERAL (VALUES ('card', w.card_fen), ('transition', w.transition_fen),
                                        ('electronic', w.electronic_fen)) AS v (wallet, fen)
             LEFT JOIN journal j ON j.owner = w.id AND j.wallet = v.wallet
            WHERE v.fen <> coalesce(j.fen, 0)""",
    ),
    Rule(
        "I3",
        "A transfer says it moved a wallet otherwise than its entries do.",
        """WITH moved AS (
               SELECT e.month, e.transfer_id, j.owner,
                      coalesce(-sum(e.amount) FILTER (WHERE j.wallet = 'card'), 0) AS card,
                      coalesce(-sum(e.amount) FILTER (WHERE j.wallet = 'transition'), 0) AS transition,
                      coalesce(-sum(e.amount) FILTER (WHERE j.wallet = 'electronic'), 0) AS electronic
                 FROM entry e JOIN journal_account j ON j.code = e.account
                WHERE j.wallet IS NOT NULL GROUP BY e.month, e.transfer_id, j.owner)
           SELECT format('transfer %s', coalesce(t.id, m.transfer_id)) AS example
             FROM transfer t
             FULL JOIN moved m ON m.month = t.month AND m.transfer_id = t.id AND m.owner = t.account_id
            WHERE (coalesce(t.card_delta_fen, 0), coalesce(t.transition_delta_fen, 0),
                   coalesce(t.electronic_delta_fen, 0))
               <> (coalesce(m.card, 0), coalesce(m.transition, 0), coalesce(m.electronic, 0))""",
    ),
    Rule(
        "I3",
        "The balances written on a transfer are not the sum of what came before.",
        """SELECT format('transfer %s of %s', id, account_id) AS example
             FROM (SELECT id, account_id, card_fen, transition_fen, electronic_fen,
                          sum(card_delta_fen) OVER so_far AS card,
                          sum(transition_delta_fen) OVER so_far AS transition,
                          sum(electronic_delta_fen) OVER so_far AS electronic
                     FROM transfer WHERE account_id IS NOT NULL
                   WINDOW so_far AS (PARTITION BY account_id ORDER BY id)) t
            WHERE (card_fen, transition_fen, electronic_fen) <> (card, transition, electronic)""",
    ),
    Rule(
        "I3",
        "What is held is not the sum of the active holds.",
        """SELECT format('%s holds %s, its holds %s', w.id, w.held_fen, coalesce(h.fen, 0)) AS example
             FROM wallet_account w
             LEFT JOIN (SELECT account_id, sum(amount_fen) AS fen FROM hold
                         WHERE state = 'ACTIVE' GROUP BY account_id) h ON h.account_id = w.id
            WHERE w.held_fen <> coalesce(h.fen, 0)""",
    ),
    Rule(
        "I3",
        "What a transfer says was held is not the sum of the holds of that moment.",
        """WITH step AS (
               SELECT account_id, position AS at, amount_fen AS change, NULL::bigint AS said FROM hold
               UNION ALL
               SELECT account_id, ended_position, -amount_fen, NULL FROM hold WHERE ended_position IS NOT NULL
               UNION ALL
               SELECT account_id, id, 0, held_fen FROM transfer WHERE account_id IS NOT NULL)
           SELECT format('transfer %s of %s', at, account_id) AS example
             FROM (SELECT account_id, at, said,
                          sum(change) OVER (PARTITION BY account_id ORDER BY at) AS held FROM step) s
            WHERE said <> held""",
    ),
    Rule(
        "I3",
        "The day's counter is not the sum of what counted.",
        """SELECT format('%s counts %s, its transfers %s', w.id, w.paid_today_fen, coalesce(t.fen, 0)) AS example
             FROM wallet_account w
             LEFT JOIN (SELECT account_id, day, sum(counted_fen) AS fen FROM transfer
                         GROUP BY account_id, day) t ON t.account_id = w.id AND t.day = w.counter_day
            WHERE w.paid_today_fen <> coalesce(t.fen, 0)""",
    ),
    Rule(
        "I3",
        "The rollup is not the sum of the entries below its fence.",
        """WITH f AS (SELECT * FROM rollup_fence WHERE cluster = (SELECT system_identifier::text
                                                                    FROM pg_control_system())),
           below AS (
               SELECT e.account, sum(e.amount) AS amount
                 FROM f JOIN transfer t ON t.xid < f.fence OR t.id <= f.base_id
                 JOIN entry e ON e.month = t.month AND e.transfer_id = t.id
                 JOIN journal_account j ON j.code = e.account
                WHERE j.wallet IS NULL GROUP BY e.account)
           SELECT format('%s: rollup %s, entries %s', coalesce(r.account, b.account), coalesce(r.amount, 0),
                         coalesce(b.amount, 0)) AS example
             FROM rollup r FULL JOIN below b ON b.account = r.account
            WHERE EXISTS (SELECT FROM f) AND coalesce(r.amount, 0) <> coalesce(b.amount, 0)""",
    ),
    Rule(
        "I4",
        "A guard of the journal is missing or switched off.",
        """WITH guarded AS (
               SELECT c.oid, c.relname FROM pg_class c
                WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
                  AND (c.relname IN ('transfer', 'entry', 'seal_block') OR c.oid IN (
                       SELECT inhrelid FROM pg_inherits
                        WHERE inhparent IN ('transfer'::regclass, 'entry'::regclass)))),
           wanted AS (
               SELECT g.*, w.* FROM guarded g
                CROSS JOIN (VALUES ('ledger_refuse_change', 24, 'UPDATE and DELETE'),
                                   ('ledger_refuse_change', 32, 'TRUNCATE'),
                                   ('ledger_check_balanced', 4, 'unbalanced INSERT')) AS w (function, events, what)
                WHERE w.function <> 'ledger_check_balanced' OR g.relname LIKE 'transfer%'),
           firing AS (
               SELECT t.tgrelid, p.proname, t.tgtype FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
                WHERE t.tgenabled IN ('O', 'A') AND t.tgqual IS NULL AND cardinality(t.tgattr) = 0
                  AND p.prosrc LIKE '%RAISE EXCEPTION%')
           SELECT format('%s on %s', w.what, w.relname) AS example FROM wanted w
            WHERE NOT EXISTS (SELECT FROM firing f WHERE f.tgrelid = w.oid AND f.proname = w.function
                                                     AND f.tgtype & w.events = w.events)
           UNION ALL
           SELECT 'triggers are off by the setting session_replication_role'
            WHERE current_setting('session_replication_role') = 'replica'""",
    ),
    Rule(
        "I5",
        "A floor was broken.",
        """SELECT format('after transfer %s of %s: transition %s, electronic %s', id, account_id, transition,
                         electronic) AS example
             FROM (SELECT id, account_id, sum(transition_delta_fen) OVER so_far AS transition,
                          sum(electronic_delta_fen) OVER so_far AS electronic
                     FROM transfer WHERE account_id IS NOT NULL
                   WINDOW so_far AS (PARTITION BY account_id ORDER BY id)) t
            WHERE electronic < 0 OR (transition < 0 AND electronic > 0)
           UNION ALL
           SELECT format('%s: electronic %s, held %s', id, electronic_fen, held_fen)
             FROM wallet_account WHERE electronic_fen < 0 OR held_fen < 0""",
    ),
    # ------------------------------------------------------------------ with our records
    Rule(
        "I6",
        "A movement of a provider's money is explained by no order, case or refund, or by several.",
        """WITH channel (name, account) AS (
               VALUES ('WECHAT', 'wechat'), ('BANK_CARD', 'bank'), ('ONLINE_PAYMENT', 'online_pay')),
           moved AS (
               SELECT e.month, e.transfer_id, c.name, sum(e.amount) AS fen
                 FROM entry e JOIN channel c ON c.account = e.account GROUP BY e.month, e.transfer_id, c.name),
           explained AS (
               SELECT month, transfer_id, method AS name, amount_fen AS fen FROM recharge_order
                WHERE transfer_id IS NOT NULL
               UNION ALL
               SELECT month, transfer_id, method, amount_fen FROM electricity_order
                WHERE transfer_id IS NOT NULL AND method <> 'CARD_ACCOUNT'
               UNION ALL
               SELECT month, transfer_id, channel, amount_fen FROM suspense_case WHERE kind LIKE 'PAID%'
               UNION ALL
               SELECT r.finish_month, r.finish_transfer_id, coalesce(o.method, e.method, c.channel), -r.amount_fen
                 FROM refund r
                 LEFT JOIN recharge_order o ON o.id = r.recharge_id
                 LEFT JOIN electricity_order e ON e.id = r.electricity_id
                 LEFT JOIN suspense_case c ON c.id = r.case_id
                WHERE r.state = 'DONE')
           SELECT format('transfer %s', coalesce(m.transfer_id, x.transfer_id)) AS example
             FROM moved m
             FULL JOIN explained x ON x.month = m.month AND x.transfer_id = m.transfer_id AND x.name = m.name
            WHERE m.name IS DISTINCT FROM 'BANK_CARD' OR x.transfer_id IS NOT NULL    -- the counter takes some too
            GROUP BY coalesce(m.transfer_id, x.transfer_id)
           HAVING count(m.transfer_id) <> 1 OR count(x.transfer_id) <> 1 OR min(m.fen) <> min(x.fen)""",
    ),
    Rule(
        "I6",
        "A recharge was credited to another account or wallet, or by another reference than its own.",
        """SELECT format('order %s', o.id) AS example
             FROM recharge_order o
             LEFT JOIN transfer t ON t.month = o.month AND t.id = o.transfer_id
             LEFT JOIN entry e ON e.month = o.month AND e.transfer_id = o.transfer_id AND e.amount = -o.amount_fen
                   AND e.account = CASE o.wallet_type WHEN 'ELECTRONIC' THEN 'electronic:' ELSE 'transition:' END
                                   || o.account_id
             LEFT JOIN outside_reference r ON r.reference = o.transaction_id AND r.kind = CASE o.method
                   WHEN 'WECHAT' THEN 'wechat' WHEN 'BANK_CARD' THEN 'bank' ELSE 'online_pay' END
            WHERE o.transfer_id IS NOT NULL AND (t.id IS NULL OR e.line IS NULL
               OR t.account_id IS DISTINCT FROM o.account_id OR t.kind <> 'RECHARGE' OR t.amount_fen <> o.amount_fen
               OR (o.transaction_id IS NOT NULL AND r.key IS DISTINCT FROM t.key))""",
    ),
    Rule(
        "I6",
        "One transaction of a provider is both an order's and a case's, or a case has none.",
        """SELECT format('case %s', c.id) AS example
             FROM suspense_case c
             LEFT JOIN recharge_order o ON o.transaction_id = c.reference AND o.method = c.channel
             LEFT JOIN outside_reference r ON r.reference = c.reference AND r.kind = CASE c.channel
                   WHEN 'WECHAT' THEN 'wechat' WHEN 'BANK_CARD' THEN 'bank' ELSE 'online_pay' END
            WHERE c.kind LIKE 'PAID%' AND (o.id IS NOT NULL OR r.key IS NULL)""",
    ),
    Rule(
        "I6",
        "A reference of the outside world has no posting.",
        """SELECT format('%s %s', r.kind, r.reference) AS example
             FROM outside_reference r LEFT JOIN posting_key k ON k.key = r.key
            WHERE k.transfer_id IS NULL""",
    ),
    Rule(
        "I6",
        "A posting has no caller's id, or an id's posting is gone.",
        """SELECT format('transfer %s under %s', t.id, t.key) AS example
             FROM transfer t LEFT JOIN posting_key k ON k.key = t.key
            WHERE k.transfer_id IS DISTINCT FROM t.id OR k.month IS DISTINCT FROM t.month
           UNION ALL
           SELECT format('transfer %s of %s is missing', k.transfer_id, k.key)
             FROM posting_key k LEFT JOIN transfer t ON t.month = k.month AND t.id = k.transfer_id
            WHERE k.transfer_id IS NOT NULL AND (t.id IS NULL OR (t.key <> k.key
              AND NOT EXISTS (SELECT FROM hold h WHERE h.id = k.subject AND h.transfer_id = k.transfer_id)))""",
    ),
    Rule(
        "I6",
        "A payment's money went to another merchant than its bill says.",
        """SELECT format('transfer %s: the bill says %s', t.id, t.merchant_id) AS example
             FROM transfer t
             LEFT JOIN entry e ON e.month = t.month AND e.transfer_id = t.id
                              AND e.account = 'merchant:' || t.merchant_id AND e.amount = t.amount_fen
            WHERE t.merchant_id IS NOT NULL AND e.line IS NULL""",
    ),
    Rule(
        "I6",
        "A bill says another kind than its entries do, or hides its merchant.",
        """SELECT format('transfer %s, %s: %s', t.id, t.kind, e.account) AS example
             FROM transfer t JOIN entry e ON e.month = t.month AND e.transfer_id = t.id
             JOIN journal_account j ON j.code = e.account
            WHERE CASE WHEN j.wallet IS NOT NULL THEN t.kind IN ('PAYMENT', 'FEE') AND j.wallet = 'card'
                       ELSE split_part(e.account, ':', 1) <> ALL (CASE t.kind
                           WHEN 'PAYMENT' THEN '{merchant}' WHEN 'CARD_TAP' THEN '{merchant}' WHEN 'FEE' THEN '{fee}'
                           WHEN 'RECHARGE' THEN '{wechat,cash,bank,online_pay,suspense}' WHEN 'CHIP_LOAD' THEN '{}'
                           WHEN 'REFUND' THEN '{wechat,bank,online_pay,refund_payable,suspense,electricity_clearing}'
                           END::text[]) END
               OR (e.account LIKE 'merchant:%' AND e.account IS DISTINCT FROM 'merchant:' || t.merchant_id)
           UNION ALL
           SELECT format('transfer %s takes nothing from the chip', id) FROM transfer
            WHERE kind = 'CARD_TAP' AND card_delta_fen >= 0""",
    ),
    Rule(
        "I6",
        "A payment code was claimed by something that did not post.",
        """SELECT format('the code claimed by %s', c.key) AS example
             FROM code_claim c LEFT JOIN posting_key k ON k.key = c.key
            WHERE c.device_kind = 'POS' AND k.transfer_id IS NULL
           UNION ALL
           SELECT format('%s claimed %s codes', key, count(*)) FROM code_claim GROUP BY key HAVING count(*) > 1""",
    ),
    Rule(
        "I7",
        "A hold was granted on money that was not there.",
        """WITH step AS (
               SELECT account_id, id AS at, card_delta_fen + transition_delta_fen + electronic_delta_fen AS change,
                      NULL AS hold, NULL::bigint AS said, NULL::bigint AS taken
                 FROM transfer WHERE account_id IN (SELECT account_id FROM hold)
               UNION ALL
               SELECT account_id, position, -amount_fen, id, available_before_fen, amount_fen FROM hold
               UNION ALL
               SELECT account_id, ended_position, amount_fen, NULL, NULL, NULL FROM hold
                WHERE ended_position IS NOT NULL)
           SELECT format('hold %s of %s: %s on %s', hold, account_id, taken, coalesce(available, 0)) AS example
             FROM (SELECT s.*, sum(change) OVER (PARTITION BY account_id ORDER BY at
                                                 RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS available
                     FROM step s) s
            WHERE hold IS NOT NULL AND (coalesce(available, 0) < taken OR coalesce(available, 0) <> said)""",
    ),
    Rule(
        "I7",
        "A hold was captured above itself, or otherwise than its posting says.",
        """SELECT format('hold %s', h.id) AS example
             FROM hold h LEFT JOIN transfer t ON t.month = h.month AND t.id = h.transfer_id
            WHERE h.captured_fen > 0 AND (h.captured_fen > h.amount_fen OR t.id IS NULL
               OR t.amount_fen <> -h.captured_fen OR t.account_id <> h.account_id OR t.id < h.position)
           UNION ALL
           SELECT format('the holds of transfer %s', transfer_id) FROM hold
            WHERE transfer_id IS NOT NULL GROUP BY transfer_id HAVING count(*) > 1""",
    ),
    Rule(
        "I8",
        "A caller's id was posted more than once, or its body is not known.",
        """SELECT format('%s: %s postings', key, count(*)) AS example FROM transfer GROUP BY key HAVING count(*) > 1
           UNION ALL
           SELECT format('%s has no body', k.key) FROM posting_key k
             LEFT JOIN reversal_kept r ON r.original_key = k.key
            WHERE k.body IS NULL AND (r.key IS NULL OR k.transfer_id IS NOT NULL)""",
    ),
    Rule(
        "I9",
        "An authorised payment went below its bound or above a limit.",
        """WITH paid AS (
               SELECT t.id, t.account_id, t.kind, t.key, -t.amount_fen AS amount, t.counted_fen,
                      t.card_fen + t.transition_fen + t.electronic_fen - t.held_fen AS left_over,
                      sum(t.counted_fen) OVER (PARTITION BY t.account_id, t.day ORDER BY t.id) AS today
                 FROM transfer t WHERE t.account_id IS NOT NULL)
           SELECT format('transfer %s of %s: %s fen, %s left', p.id, p.account_id, p.amount, p.left_over) AS example
             FROM paid p
             LEFT JOIN hold h ON h.transfer_id = p.id
             LEFT JOIN outside_reference r ON r.key = p.key
            WHERE p.kind = 'PAYMENT' AND h.id IS NULL AND r.key IS NULL   -- captures, late uploads: facts
              AND (p.amount <= 0 OR p.amount > $1::bigint OR p.today > $2::bigint OR p.counted_fen <> p.amount
                   OR p.left_over < -$3::bigint OR p.left_over + p.amount <= 0)""",
        _bounds,
    ),
    Rule(
        "I11",
        "A transfer was reversed twice, or a reversal stands alone.",
        """SELECT format('transfer %s: %s reversals', reverses_id, count(*)) AS example
             FROM transfer WHERE reverses_id IS NOT NULL GROUP BY reverses_id HAVING count(*) > 1
           UNION ALL
           SELECT format('reversal %s of %s', coalesce(t.id, r.reversed_by), coalesce(t.reverses_id, r.transfer_id))
             FROM (SELECT id, reverses_id FROM transfer WHERE reverses_id IS NOT NULL) t
             FULL JOIN reversal r ON r.reversed_by = t.id AND r.transfer_id = t.reverses_id
            WHERE t.id IS NULL OR r.transfer_id IS NULL OR t.id < t.reverses_id
           UNION ALL
           SELECT format('transfer %s says REVERSAL and reverses nothing', id)
             FROM transfer WHERE (kind = 'REVERSAL') <> (reverses_id IS NOT NULL)""",
    ),
    Rule(
        "I11",
        "A reversal is not the mirror of its original.",
        # What a tap took from the chip returns to transition; a sweep may move electronic to transition besides.
        """WITH pair AS (
               SELECT id AS reversal, month, id, amount_fen FROM transfer WHERE reverses_id IS NOT NULL
               UNION ALL
               SELECT r.id, o.month, o.id, o.amount_fen
                 FROM transfer r JOIN transfer o ON o.month = r.reverses_month AND o.id = r.reverses_id),
           rest AS (
               SELECT p.reversal, CASE WHEN j.wallet IS NULL THEN e.account ELSE 'person:' || j.owner END AS place,
                      sum(e.amount) AS fen,
                      coalesce(sum(e.amount) FILTER (WHERE j.wallet = 'electronic'), 0) AS electronic
                 FROM pair p JOIN entry e ON e.month = p.month AND e.transfer_id = p.id
                 JOIN journal_account j ON j.code = e.account
                GROUP BY 1, 2)
           SELECT format('reversal %s: %s fen too much on %s', reversal, fen, place) AS example
             FROM rest WHERE fen <> 0 OR electronic < 0
           UNION ALL
           SELECT format('reversal %s', reversal) FROM pair
            GROUP BY reversal HAVING count(*) <> 2 OR sum(amount_fen) <> 0""",
    ),
    Rule(
        "I11",
        "A payment was posted though its reversal had come before.",
        """SELECT format('%s', r.original_key) AS example
             FROM reversal_kept r LEFT JOIN posting_key k ON k.key = r.original_key
            WHERE k.refusal IS NULL OR k.transfer_id IS NOT NULL
               OR EXISTS (SELECT FROM transfer t WHERE t.key = r.original_key)""",
    ),
    Rule(
        "I12",
        "Refunds of a recharge exceed what was paid, or its order says otherwise.",
        """SELECT format('order %s: %s refunded, %s stored, %s paid', o.id, coalesce(r.fen, 0), o.refunded_fen,
                         o.amount_fen) AS example
             FROM recharge_order o
             LEFT JOIN (SELECT recharge_id, sum(amount_fen) AS fen FROM refund
                         WHERE state <> 'FAILED' GROUP BY recharge_id) r ON r.recharge_id = o.id
            WHERE coalesce(r.fen, 0) > o.amount_fen OR coalesce(r.fen, 0) <> o.refunded_fen
               OR (o.transfer_id IS NOT NULL AND o.state <> CASE o.refunded_fen WHEN 0 THEN 'CREDITED'
                       WHEN o.amount_fen THEN 'REFUNDED' ELSE 'PARTLY_REFUNDED' END)""",
    ),
    Rule(
        "I12",
        "A refund was taken from money that was spent or held, or otherwise than was asked.",
        """SELECT format('refund %s: transfer %s', r.id, r.transfer_id) AS example
             FROM refund r
             LEFT JOIN transfer t ON t.month = r.month AND t.id = r.transfer_id
             LEFT JOIN recharge_order o ON o.id = r.recharge_id
             LEFT JOIN suspense_case c ON c.id = r.case_id
             LEFT JOIN (SELECT month, transfer_id, sum(amount) AS fen FROM entry
                         WHERE account = 'refund_payable' GROUP BY month, transfer_id) e
                    ON e.month = r.month AND e.transfer_id = r.transfer_id
            WHERE t.id IS NULL OR e.fen IS DISTINCT FROM -r.amount_fen OR r.amount_fen > c.amount_fen
               OR (r.recharge_id IS NOT NULL AND (t.account_id IS DISTINCT FROM o.account_id
                   OR t.transition_fen + t.electronic_fen < t.held_fen
                   OR t.card_fen + t.transition_fen + t.electronic_fen < t.held_fen))""",
    ),
    Rule(
        "I12",
        "What waits to be paid out is not what was asked.",
        """SELECT format('refund_payable %s, refunds asked %s', waiting, asked) AS example
             FROM (SELECT coalesce(-sum(amount), 0) AS waiting FROM entry WHERE account = 'refund_payable') w,
                  (SELECT coalesce(sum(amount_fen), 0) AS asked FROM refund WHERE state = 'ASKED') a
            WHERE waiting <> asked""",
    ),
    Rule(
        "I12",
        "What lies in suspense is not the sum of its open cases.",
        """SELECT format('suspense %s, open cases %s', lying, open) AS example
             FROM (SELECT coalesce(-sum(amount), 0) AS lying FROM entry WHERE account = 'suspense') s,
                  (SELECT coalesce(sum(amount_fen), 0) AS open FROM suspense_case
                    WHERE state = 'OPEN' AND kind LIKE 'PAID%') c
            WHERE lying <> open""",
    ),
    Rule(
        "DAY",
        "The accounting day goes back.",
        """SELECT format('transfer %s: %s after %s', id, day, before) AS example
             FROM (SELECT id, day, lag(day) OVER (ORDER BY id) AS before FROM transfer) t WHERE day < before""",
    ),
    Rule(
        "DAY",
        "A transfer lies outside its accounting day, or is late and not marked so.",
        """SELECT format('transfer %s of %s', t.id, t.day) AS example
             FROM transfer t LEFT JOIN accounting_day d ON d.day = t.day
            WHERE d.day IS NULL OR t.id > d.last_position OR t.late <> (t.occurred_at < d.opens_at)""",
    ),
    *ELECTRICITY,
)
