"""Deliberate bugs in electricity, one at a time, each with the story that must catch it."""

from __future__ import annotations

from teeth import power_stories as stories
from teeth.planting import Bug, Sql, drop

_NOT_YET = "o.state NOT IN ('PAID', 'DELIVERING', 'UNKNOWN', 'UNMAPPED', 'REFUNDING')"
_ANYTHING = (
    "o.state NOT IN ('PAID', 'DELIVERING', 'UNKNOWN', 'UNMAPPED', 'REFUNDING', 'REFUNDED', 'DELIVERED')"
)
_AGAIN = Sql("ledger_refund_electricity", _NOT_YET, _ANYTHING)
_UNDER_ANOTHER_KEY = Sql(
    "ledger_refund_electricity",
    "IF o.method = 'CARD_ACCOUNT' THEN",
    "key := key || gen_random_uuid();\n    IF o.method = 'CARD_ACCOUNT' THEN",
)

POWER_BUGS = (
    Bug(
        "delivered with every message",
        stories.delivered_by_two_messages,
        (
            Sql("ledger_deliver_electricity", "IF o.delivery_id IS NOT NULL THEN", "IF false THEN"),
            Sql("ledger_deliver_electricity", "'REFUNDING', 'REFUNDED') THEN",
                "'REFUNDING', 'REFUNDED', 'DELIVERED') THEN"),
            Sql("ledger_deliver_electricity", "format('electricity:%s:delivered', p_order)",
                "format('electricity:%s:%s', p_order, gen_random_uuid())"),
        ),
    ),
    Bug(
        "given back with every message",
        stories.given_back_by_two_messages,
        (_AGAIN, _UNDER_ANOTHER_KEY,
         Sql("ledger_refund_electricity", "AND state <> 'FAILED') THEN", "AND false) THEN")),
        "DROP INDEX IF EXISTS refund_electricity;",
    ),
    Bug("delivered, and given back", stories.delivered_is_not_given_back, (_AGAIN, _UNDER_ANOTHER_KEY)),
    Bug(
        "no dispute when the meter speaks late",
        stories.the_meter_speaks_after_the_refund,
        (Sql("ledger_deliver_electricity", "late := o.state IN ('REFUNDING', 'REFUNDED');", "late := false;"),),
    ),
    Bug(
        "a dispute without its case",
        stories.the_meter_speaks_after_the_refund,
        (Sql("ledger_deliver_electricity", "IF late THEN\n        INSERT INTO suspense_case",
             "IF false THEN\n        INSERT INTO suspense_case"),),
    ),
    Bug(
        "a refund that failed counts as done",
        stories.a_refund_by_the_provider_fails,
        (Sql("ledger_finish_refund", "SET state = CASE WHEN p_ok THEN 'REFUNDED' ELSE 'REFUNDING' END",
             "SET state = 'REFUNDED'"),),
    ),
    Bug(
        "a quota with every asking",
        stories.a_months_quota,
        (Sql("ledger_grant_quota", "IF known.outcome IS NOT NULL THEN", "IF false THEN"),
         Sql("ledger_grant_quota", "format('quota:%s:%s', p_room, p_period)",
             "format('quota:%s:%s:%s', p_room, p_period, gen_random_uuid())")),
        drop("room_quota", "room_quota_pkey"),
    ),
    Bug(
        "a quota that lapses stays",
        stories.a_months_quota,
        (Sql("ledger_grant_quota", "CASE WHEN p_lapses THEN r.quota_wh ELSE 0 END", "0"),),
    ),
    Bug(
        "bought energy used before the free",
        stories.free_energy_is_used_first,
        (Sql("ledger_consume", "free := least(r.quota_wh, used);", "free := 0;"),),
    ),
    Bug(
        "a register that went back counts",
        stories.free_energy_is_used_first,
        (Sql("ledger_consume", "p_read_at <= c.read_at OR p_total <= c.total_wh", "p_read_at <= c.read_at"),),
    ),
    Bug(
        "the loan stays after it was repaid",
        stories.the_nights_loan,
        (Sql("ledger_deliver_electricity", "PERFORM ledger_move_room(o.room_id, energy, 0, -repaid);",
             "PERFORM ledger_move_room(o.room_id, energy, 0, 0);"),),
    ),
    Bug(
        "lent twice in one night",
        stories.the_nights_loan,
        (Sql("ledger_lend_emergency", "format('emergency:%s:%s', p_room, p_night)",
             "format('emergency:%s:%s', p_room, gen_random_uuid())"),),
    ),
    Bug(
        "the power merchant is paid for the loan twice",
        stories.the_nights_loan,
        (Sql("ledger_deliver_electricity",
             "ARRAY[o.amount_fen, repaid - o.amount_fen, -repaid, energy, -energy]",
             "ARRAY[o.amount_fen, -o.amount_fen, 0, energy, -energy]"),),
    ),
    Bug(
        "used energy moved to another room",
        stories.moved_once_and_no_more_than_is_left,
        (Sql("ledger_move_energy", "IF p_wh > coalesce(left_wh, 0) THEN", "IF false THEN"),),
    ),
    Bug(
        "moved with every message",
        stories.moved_once_and_no_more_than_is_left,
        (Sql("ledger_move_energy", "BEGIN\n", "BEGIN\n    p_key := p_key || gen_random_uuid();\n"),),
    ),
)  # fmt: skip
