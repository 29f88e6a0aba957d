"""Every state of an order is one that a person can read, in both languages."""

import re
from dataclasses import dataclass

import pytest

from onecard.rules.electricity_words import explain_order, remedy_of_order
from onecard.rules.kinds import DeclineReason, ElectricityState, PayMethod

pytestmark = pytest.mark.pure


@dataclass(frozen=True)
class Order:
    state: ElectricityState
    declined: DeclineReason | None = None
    method: PayMethod = PayMethod.WECHAT
    amount_fen: int = 3000
    wh: int | None = 53_734


ORDERS = [Order(state) for state in ElectricityState] + [
    Order(ElectricityState.FAILED, reason) for reason in DeclineReason
]
ORDERS += [Order(ElectricityState.ORDERED, method=PayMethod.BANK_CARD)]


@pytest.mark.parametrize("order", ORDERS, ids=lambda one: f"{one.state}-{one.declined}-{one.method}")
def test_a_state_says_where_the_money_is_and_what_to_do(order):
    for words in (explain_order, remedy_of_order):
        zh, en = words(order, "ZH"), words(order, "EN")
        assert re.search("[一-鿿]", zh)
        assert not re.search("[一-鿿]", en)
        assert "{" not in zh + en
        assert zh.endswith("。")
        assert en.endswith(".")
    assert re.search("元|钱|款|退", explain_order(order, "ZH")), "where is the money?"


def test_each_reason_of_a_failure_is_told_apart():
    failed = [order for order in ORDERS if order.state is ElectricityState.FAILED]
    assert len({explain_order(order, "ZH") for order in failed}) == len(DeclineReason) + 1


def test_while_the_bank_debits_nobody_is_told_that_no_money_moved():
    assert "没有动" in explain_order(Order(ElectricityState.ORDERED), "ZH")
    assert "没有动" not in explain_order(Order(ElectricityState.ORDERED, method=PayMethod.BANK_CARD), "ZH")


def test_an_order_that_was_paid_after_all_says_nothing_of_the_refusal():
    paid = Order(ElectricityState.DELIVERED, DeclineReason.LIMIT_EXCEEDED)
    assert explain_order(paid, "ZH") == explain_order(Order(ElectricityState.DELIVERED), "ZH")


def test_it_names_the_amount_and_the_energy():
    delivered = explain_order(Order(ElectricityState.DELIVERED), "ZH")
    assert delivered == "30.00 元的电已经到表，共 53.734 度。"
