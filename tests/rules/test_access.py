import pytest

from onecard.rules.access import Gateway, Nobody, Person, Role, require_gateway, require_person, require_role
from onecard.rules.refusals import Refusal, RefusalCode

pytestmark = pytest.mark.pure


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
