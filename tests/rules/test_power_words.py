import itertools
from datetime import datetime

import pytest

from onecard.rules.clock import SHANGHAI
from onecard.rules.kinds import IncidentState, PowerState
from onecard.rules.power_words import explain_power, remedy_of_power

pytestmark = pytest.mark.pure

SIX = datetime(2026, 11, 27, 6, tzinfo=SHANGHAI)


@pytest.mark.parametrize("state", PowerState)
@pytest.mark.parametrize("language", ["ZH", "EN"])
def test_every_state_says_what_happened_and_what_to_do(state, language):
    said = explain_power(state, language)
    todo = remedy_of_power(state, None, SIX, overdue=False, language=language)
    assert said
    assert bool(todo) is (state is not PowerState.NORMAL)
    assert "{" not in said + todo
    assert any("\u4e00" <= letter <= "\u9fff" for letter in said) is (language == "ZH")


def test_a_night_says_when_it_ends():
    assert "11-27 06:00" in remedy_of_power(PowerState.NIGHT, None, SIX, overdue=False, language="ZH")


def test_an_application_says_who_has_it_and_until_when():
    said = {
        (incident, overdue): remedy_of_power(
            PowerState.LOCKED, incident, SIX, overdue=overdue, language=language
        )
        for language in ("ZH", "EN")
        for incident, overdue in itertools.product(
            (IncidentState.LOCKED, IncidentState.APPLIED, IncidentState.APPROVED), (False, True)
        )
        if language == "ZH"
    }
    assert "提交申请" in said[IncidentState.LOCKED, False]
    assert "院部在 11-27 06:00 前" in said[IncidentState.APPLIED, False]
    assert "水电中心在 11-27 06:00 前" in said[IncidentState.APPROVED, False]
    assert "过了时限" in said[IncidentState.APPLIED, True]
    assert "过了时限" in said[IncidentState.APPROVED, True]
