"""The gate, the freezes and the sweep are tested together with the database: tests/ledger/test_gate.py."""

import pytest

from onecard.rules.access import Gateway, Nobody, Person, Role, require_gateway, require_person, require_role
from onecard.rules.refusals import Refusal, RefusalCode
from onecard.rules.wallet import refundable_fen

pytestmark = pytest.mark.pure


# paid, refunded, card, transition, electronic, held → refundable
@pytest.mark.parametrize(
    ("paid", "refunded", "card", "transition", "electronic", "held", "refundable"),
    [
        (10_000, 0, 0, 3_000, 0, 0, 3_000),
        (10_000, 0, 0, 2_000, 9_000, 500, 10_000),
        (10_000, 6_000, 0, 50_000, 0, 0, 4_000),
        (10_000, 0, 6_000, 4_000, 0, 0, 4_000),
        (10_000, 0, -1_000, 4_000, 0, 0, 3_000),
        (10_000, 0, 9_000, -504, 0, 0, 0),
        (10_000, 0, 0, 100, 0, 200, 0),
    ],
)
def test_refundable(paid, refunded, card, transition, electronic, held, refundable):
    assert refundable == refundable_fen(
        paid, refunded, card_fen=card, transition_fen=transition, electronic_fen=electronic, held_fen=held
    )


def test_who_may():
    operator = Person("usr_1", roles=frozenset({Role.OPERATOR}))
    assert require_role(operator, Role.OPERATOR, Role.FINANCE) is operator
    assert require_gateway(Gateway("gwy_1")).gateway_id == "gwy_1"
    for refused in (
        lambda: require_role(operator, Role.FINANCE),
        lambda: require_role(Gateway("gwy_1"), Role.OPERATOR),
        lambda: require_person(Nobody()),
        lambda: require_gateway(operator),
    ):
        with pytest.raises(Refusal) as caught:
            refused()
        assert caught.value.code is RefusalCode.NOT_ALLOWED
