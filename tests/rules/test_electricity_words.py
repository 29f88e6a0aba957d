"""Every state of an order is one that a person can read, in both languages."""

import re

import pytest

from onecard.rules.electricity_words import explain_order, remedy_of_order
from onecard.rules.kinds import ElectricityState

pytestmark = pytest.mark.pure


@pytest.mark.parametrize("state", ElectricityState)
def test_a_state_says_where_the_money_is_and_what_to_do(state):
    for words in (explain_order, remedy_of_order):
        zh, en = words(state, 3000, 53_734, "ZH"), words(state, 3000, 53_734, "EN")
        assert re.search("[一-鿿]", zh)
        assert not re.search("[一-鿿]", en)
        assert "{" not in zh + en
        assert zh.endswith("。")
        assert en.endswith(".")
    assert re.search("元|钱|款|退", explain_order(state, 3000, 53_734, "ZH")), "where is the money?"


def test_it_names_the_amount_and_the_energy():
    assert (
        explain_order(ElectricityState.DELIVERED, 3000, 53_734, "ZH")
        == "30.00 元的电已经到表，共 53.734 度。"
    )
