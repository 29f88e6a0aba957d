"""Deliberate bugs, one at a time, each with the story that must catch it.

In the database a bug is a posting function with one thing changed; where a constraint or trigger would refuse
the bug by itself, a second bug takes that away too, so that both nets are tried.
"""

from __future__ import annotations

from typing import Any

import pytest
from teeth import stories
from teeth.planting import Bug, Sql, drop

from onecard.ledger import seal
from onecard.ledger.queue import GroupQueue

_MERCHANT_LINE = "'merchant:' || n.merchant_id, n.amount_fen)"
_A_FEN_MORE = Sql("ledger_charge", _MERCHANT_LINE, _MERCHANT_LINE.replace("amount_fen", "amount_fen - 1"))
_KEYS_STORED = "INSERT INTO posting_key SELECT n.* FROM unnest(keys) AS n ORDER BY n.key"
_KEYS_LOST = Sql("ledger_charge", _KEYS_STORED, _KEYS_STORED + " ON CONFLICT DO NOTHING")
_CLAIMS_STORED = "INSERT INTO code_claim SELECT n.* FROM unnest(claims) AS n ORDER BY n.code_hash"
_CLAIMS_LOST = Sql("ledger_charge", _CLAIMS_STORED, _CLAIMS_STORED + " ON CONFLICT DO NOTHING")
_LAST_GUARD = Sql(
    "ledger_charge", "AND n.card_fen + n.transition_fen + n.electronic_fen - n.held_fen >= -p_overdraft", ""
)
_AS_PAID = "ARRAY[outside, wallet], ARRAY[p_paid, -p_paid], p_paid,"
_EVERY_NOTICE_IS_NEW = (
    Sql("ledger_credit", "BEGIN\n", "BEGIN\n    p_key := p_key || ':' || gen_random_uuid();\n"),
    Sql("ledger_credit", "VALUES (outside, p_transaction_id,", "VALUES (outside, p_key,"),
)


def _no_dedupe(monkeypatch: pytest.MonkeyPatch) -> None:
    def take(self: Any) -> list[Any]:
        batch = list(self._waiting)[:256]
        self._waiting.clear()
        return batch

    monkeypatch.setattr(GroupQueue, "_take", take)


def _seal_by_position(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seals all it sees, and goes on from the highest id seen."""
    everything_above = """
        SELECT '3'::text AS fence, coalesce(array_agg(id ORDER BY id), '{}') AS ids,
               coalesce(array_agg(month ORDER BY id), '{}') AS months
          FROM transfer
         WHERE id > coalesce((SELECT max(n) FROM seal_block, unnest(transfer_ids) AS n), 0)
           AND $1::text IS NOT NULL AND $2::bigint IS NOT NULL AND $3::bigint IS NOT NULL"""
    monkeypatch.setattr(seal, "_FINISHED", everything_above)


BUGS = (
    # ------------------------------------------------------------------ recharges and refunds
    Bug(
        "double credit on a duplicate notify",
        stories.notified_twice,
        (*_EVERY_NOTICE_IS_NEW, Sql("ledger_credit", "o.credited_at IS NOT NULL", "false")),
        drop("recharge_order", "recharge_order_transaction_id_key"),
    ),
    Bug(
        "suspense credited twice",
        stories.paid_for_nothing_known_and_told_twice,
        _EVERY_NOTICE_IS_NEW,
        drop("suspense_case", "suspense_case_kind_reference_key"),
    ),
    Bug(
        "an order credited once for each payment",
        stories.one_order_paid_by_two_phones,
        (Sql("ledger_credit", "o.credited_at IS NOT NULL", "false"),),
    ),
    Bug(
        "another amount credited as ordered",
        stories.paid_another_amount,
        (
            Sql("ledger_credit", "ELSIF o.amount_fen <> p_paid THEN", "ELSIF false THEN"),
            Sql("ledger_credit", _AS_PAID, _AS_PAID.replace("p_paid", "o.amount_fen")),
        ),
    ),
    Bug(
        "refund over paid",
        stories.refunded_up_to_what_was_paid,
        (Sql("ledger_ask_refund", "o.amount_fen - o.refunded_fen,", "o.amount_fen,"),),
    ),
    Bug(
        "refund over paid, and no constraint",
        stories.refunded_up_to_what_was_paid,
        (Sql("ledger_ask_refund", "o.amount_fen - o.refunded_fen,", "o.amount_fen,"),),
        drop("recharge_order", "refunds_within_paid"),
    ),
    Bug(
        "refund of money that is spent or on the chip",
        stories.refund_of_spent_money,
        (
            Sql("ledger_ask_refund", "w.transition_fen + w.electronic_fen - w.held_fen,", ""),
            Sql("ledger_ask_refund", "w.card_fen + w.transition_fen + w.electronic_fen - w.held_fen", "o.amount_fen"),
        ),
    ),
    Bug(
        "refund of money on the chip",
        stories.refund_of_spent_money,
        (Sql("ledger_ask_refund", "w.transition_fen + w.electronic_fen - w.held_fen,\n", "o.amount_fen,\n"),),
    ),
    Bug(
        "refund over unheld",
        stories.refund_of_held_money,
        (Sql("ledger_ask_refund", " - w.held_fen", ""),),
    ),
    Bug(
        "a refund paid out for each notice",
        stories.refund_told_twice,
        (
            Sql("ledger_finish_refund", "IF r.state = 'DONE' OR", "IF false AND"),
            Sql("ledger_finish_refund", "IF p_ok AND r.state = 'ASKED' THEN", "IF p_ok THEN"),
            Sql("ledger_finish_refund", "key := format(", "key := gen_random_uuid() || format("),
            Sql("ledger_finish_refund", "|| '_refund', p_out_refund_no,", "|| '_refund', key,"),
        ),
    ),
    Bug(
        "a failed refund's money stays away",
        stories.refund_fails_and_the_money_is_back,
        (Sql("ledger_finish_refund", "array_agg(-e.amount ORDER BY e.line)", "array_agg(e.amount ORDER BY e.line)"),),
    ),
    # ------------------------------------------------------------------ payments
    Bug(
        "a replay posts again",
        stories.one_id_twice,
        (Sql("ledger_charge", "IF r.is_known THEN", "IF false THEN"), _KEYS_LOST),
    ),
    Bug("one id many times in a batch", stories.one_id_many_at_once, (_KEYS_LOST,), patch=_no_dedupe),
    Bug(
        "a key accepted with another body",
        stories.one_id_for_two_amounts,
        (Sql("ledger_recall", "k.body <> p_body", "false"),),
    ),
    Bug(
        "a code claimed is not looked at",
        stories.one_code_at_two_tills,
        (Sql("ledger_charge", "r.taken_by IS NOT NULL OR r.code = ANY (claimed)", "false"), _CLAIMS_LOST),
    ),
    Bug(
        "a code claimed twice within a batch",
        stories.one_code_at_two_tills_at_once,
        (Sql("ledger_charge", "OR r.code = ANY (claimed)", ""), _CLAIMS_LOST),
    ),
    Bug(
        "a refused payment burns the code",
        stories.refused_and_then_paid_in,
        (
            Sql("ledger_charge", "RETURN NEXT ledger_tell(r.place, 'REFUSED'",
                "IF r.code IS NOT NULL THEN c.code_hash := r.code; c.device_kind := 'POS'; c.key := r.key;"
                " claims := claims || c; END IF; RETURN NEXT ledger_tell(r.place, 'REFUSED'"),
        ),
    ),
    Bug(
        "the gate off by one fen",
        stories.down_to_the_last_fen,
        (Sql("ledger_gate", "p_available - p_amount < -p_overdraft", "p_available - p_amount < -p_overdraft - 1"),),
    ),
    Bug(
        "the gate off by one fen, and no last guard",
        stories.down_to_the_last_fen,
        (
            Sql("ledger_gate", "p_available - p_amount < -p_overdraft", "p_available - p_amount < -p_overdraft - 1"),
            _LAST_GUARD,
        ),
    ),
    Bug(
        "the gate too narrow by one fen",
        stories.down_to_the_last_fen,
        (Sql("ledger_gate", "p_available - p_amount < -p_overdraft", "p_available - p_amount <= -p_overdraft"),),
    ),
    Bug(
        "the day's counter not moved",
        stories.the_days_limit,
        (Sql("ledger_charge", "balances.paid_today_fen := spent + r.amount;", ""),),
    ),
    Bug(
        "yesterday's reversal lowers today's counter",
        stories.the_limit_after_yesterdays_reversal,
        (Sql("ledger_reverse", "CASE WHEN o.day = today.day THEN -o.counted_fen ELSE 0 END", "-o.counted_fen"),),
    ),
    Bug(
        "the sweep omitted",
        stories.electronic_pays_what_transition_lacks,
        (Sql("ledger_charge", "swept := greatest(0, least(", "swept := 0 * greatest(0, least("),),
    ),
    Bug(
        "the sweep takes too much",
        stories.electronic_pays_what_transition_lacks,
        (Sql("ledger_charge", "least(r.amount - balances.transition_fen, balances.electronic_fen)",
             "balances.electronic_fen"),),
    ),
    Bug(
        "the sweep omitted for facts",
        stories.electronic_pays_what_transition_lacks,
        (Sql("ledger_apply", "IF swept > 0 THEN", "IF false THEN"),),
    ),
    Bug(
        "the merchant gets a fen more",
        stories.one_id_twice,
        (_A_FEN_MORE,),
    ),
    Bug(
        "the merchant gets a fen more, and no trigger",
        stories.one_id_twice,
        (_A_FEN_MORE,),
        "DROP TRIGGER transfer_balanced ON transfer",
    ),
    Bug(
        "a freeze ignored",
        stories.a_frozen_account,
        (Sql("ledger_gate", "array_remove(p_freezes, 'LOSS') <> '{}'", "false"),),
    ),
    Bug(
        "an overdraft freezes nobody",
        stories.an_overdraft_freezes_until_paid_in,
        (Sql("ledger_freezes", "p_balance < 0 AND p_fact", "false"),),
    ),
    Bug(
        "a recharge lifts every freeze",
        stories.an_overdraft_freezes_until_paid_in,
        (Sql("ledger_freezes", "array_remove(p_freezes, 'OVERDRAFT')", "'{}'::text[]"),),
    ),
    Bug(
        "an upload posted for each gateway",
        stories.one_upload_from_two_gateways,
        (
            Sql("ledger_fact", "IF FOUND THEN", "IF false THEN"),
            Sql("ledger_fact", "VALUES (p_reference_kind, p_reference,", "VALUES (p_reference_kind, p_key,"),
        ),
    ),
    # ------------------------------------------------------------------ reversals
    Bug(
        "reversed twice",
        stories.reversed_by_two_messages,
        (
            Sql("ledger_reverse", "EXISTS (SELECT FROM reversal WHERE transfer_id = o.id)", "false"),
            Sql("ledger_reverse", "VALUES (o.id, o.month, t.id, t.month)",
                "VALUES (o.id, o.month, t.id, t.month) ON CONFLICT DO NOTHING"),
        ),
    ),
    Bug(
        "a kept reversal ignored",
        stories.the_reversal_comes_first,
        (
            Sql("ledger_charge", "WHERE posting_key.key = q.key LIMIT 1",
                "WHERE posting_key.key = q.key AND subject IS DISTINCT FROM 'kept' LIMIT 1"),
            _KEYS_LOST,
        ),
    ),
    Bug(
        "the reversal of a refused charge gives money",
        stories.a_refused_charge_reversed,
        (
            Sql("ledger_reverse", "PERFORM ledger_store(p_key, p_body, 'never posted', NULL);",
                "PERFORM ledger_apply(today, 'RECHARGE', a.id, ARRAY['cash', 'transition:' || a.id], ARRAY[100, -100],"
                " 100, p_key, p_occurred_at) FROM wallet_account a;"
                " PERFORM ledger_store(p_key, p_body, 'never posted', NULL);"),
        ),
    ),
    Bug(
        "a reversed tap returns to the chip",
        stories.a_tap_reversed,
        (Sql("ledger_reverse", "CASE WHEN j.wallet = 'card' THEN", "CASE WHEN false THEN"),),
    ),
    # ------------------------------------------------------------------ holds
    Bug(
        "holds ignored by the gate",
        stories.held_money_does_not_pay,
        (Sql("ledger_charge", "balances.electronic_fen - balances.held_fen,", "balances.electronic_fen,"),),
    ),
    Bug(
        "holds ignored by the gate, and no last guard",
        stories.held_money_does_not_pay,
        (Sql("ledger_charge", "balances.electronic_fen - balances.held_fen,", "balances.electronic_fen,"), _LAST_GUARD),
    ),
    Bug(
        "a hold on money that is not there",
        stories.a_hold_larger_than_the_balance,
        (Sql("ledger_place_hold", "least(p_amount, greatest(available, 1))", "p_amount"),
         Sql("ledger_place_hold", "p_once, p_daily, 0);", "p_once, p_daily, 1000);"),
         Sql("ledger_place_hold", " AND card_fen + transition_fen + electronic_fen - held_fen >= granted", "")),
        drop("hold", "hold_check1"),
    ),
    Bug(
        "captured twice",
        stories.captured_by_two_messages,
        (Sql("ledger_capture_hold", "IF h.state = 'CAPTURED' THEN", "IF false THEN"),),
    ),
    Bug(
        "captured above the hold",
        stories.metered_above_the_hold,
        (Sql("ledger_capture_hold", "least(p_metered, h.amount_fen)", "p_metered"),),
    ),
    Bug(
        "captured above the hold, and no constraint",
        stories.metered_above_the_hold,
        (Sql("ledger_capture_hold", "least(p_metered, h.amount_fen)", "p_metered"),),
        drop("hold", "hold_check"),
    ),
    Bug(
        "an expired hold captured from another one",
        stories.captured_after_expiry,
        (Sql("ledger_capture_hold", "CASE WHEN h.state = 'ACTIVE' THEN -h.amount_fen ELSE 0 END", "-h.amount_fen"),),
    ),
    Bug(
        "an expired hold's money stays held",
        stories.captured_after_expiry,
        (Sql("ledger_expire_holds", "SET held_fen = a.held_fen - e.amount_fen", "SET held_fen = a.held_fen"),),
    ),
    Bug(
        "a released hold's money stays held",
        stories.released,
        (Sql("ledger_release_hold", "SET held_fen = held_fen - h.amount_fen", "SET held_fen = held_fen"),),
    ),
    # ------------------------------------------------------------------ commits, days, fences
    Bug(
        "the rollup fenced by the highest id",
        stories.a_late_commit,
        (
            Sql("ledger_rollup", "xid >= f.fence AND xid < upper_fence AND id > f.base_id", "id > f.base_id"),
            Sql("ledger_rollup", "SET fence = upper_fence,",
                "SET fence = upper_fence, base_id = (SELECT coalesce(max(id), 0) FROM transfer),"),
            Sql("ledger_balances", "t.xid >= f.fence AND t.id > f.base_id", "t.id > f.base_id"),
        ),
    ),
    Bug("the seal fenced by the highest id", stories.a_late_commit, patch=_seal_by_position),
    Bug(
        "the day not locked",
        stories.the_day_closes_behind_a_posting,
        (Sql("ledger_open_day", "PERFORM pg_advisory_xact_lock_shared(19, ledger_day_lock());", ""),),
    ),
)  # fmt: skip
