"""A part that does not answer is the same to the ledger, to actions and to the API."""

import pytest

from api.errors import is_unavailable
from onecard.actions.outages import AWAY, or_unavailable
from onecard.ledger.attempts import DATABASE_AWAY
from onecard.rules.refusals import Refusal, RefusalCode

pytestmark = pytest.mark.pure


@pytest.mark.parametrize("kind", AWAY, ids=lambda kind: kind.__name__)
async def test_whoever_is_away_is_unavailable_everywhere(kind):
    with pytest.raises(Refusal) as refused:
        async with or_unavailable():
            raise kind("away")
    assert refused.value.code is RefusalCode.SERVICE_UNAVAILABLE
    assert is_unavailable(kind("away"))
    assert is_unavailable(refused.value)


def test_what_the_ledger_tries_again_is_no_bug_to_anybody():
    assert set(DATABASE_AWAY) <= set(AWAY)


async def test_a_bug_stays_a_bug():
    with pytest.raises(ZeroDivisionError):
        async with or_unavailable():
            raise ZeroDivisionError
    assert not is_unavailable(ZeroDivisionError())
