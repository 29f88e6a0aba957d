from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from onecard.rules.alerts import RoomNow, Watched, decide_alert, word_alert
from onecard.rules.clock import SHANGHAI
from onecard.rules.hours import ServiceHours
from onecard.rules.kinds import AlertKind, PowerState

pytestmark = pytest.mark.pure

EVENING = datetime(2026, 11, 27, 19, tzinfo=SHANGHAI)
PROTECTED = ServiceHours(time(22), time(7))
LIT = RoomNow(PowerState.NORMAL, 20_000, 4_000, cuts=True)
DARK = replace(LIT, state=PowerState.NO_ENERGY, remaining_wh=0)
LOCKED = replace(LIT, state=PowerState.LOCKED)
UNHEARD = RoomNow(None, None, None, cuts=True)
ONE_EVENING = "2026-11-27"


def watched(kind, said=None, told_ago=None):
    return Watched(kind, 10_000, said, None if told_ago is None else EVENING - told_ago)


LOW, NIGHT, CUT, BACK = (watched(kind) for kind in AlertKind)


@pytest.mark.parametrize(
    ("one", "room", "decided"),
    [
        (LOW, LIT, (None, False)),
        (LOW, replace(LIT, remaining_wh=10_000), (None, False)),
        (LOW, replace(LIT, remaining_wh=9_999), ("SAID", True)),
        (replace(LOW, said="SAID"), replace(LIT, remaining_wh=4), ("SAID", False)),
        (replace(LOW, said="SAID"), LIT, (None, False)),  # somebody paid: from now on it may be told anew
        (replace(LOW, said="SAID"), UNHEARD, ("SAID", False)),
        (LOW, UNHEARD, (None, False)),
        (NIGHT, replace(LIT, remaining_wh=1_999), (ONE_EVENING, True)),  # twelve hours at 4 kWh a day
        (NIGHT, replace(LIT, remaining_wh=2_000), (None, False)),
        (NIGHT, replace(LIT, remaining_wh=1_999, cuts=False), (None, False)),
        (NIGHT, replace(LIT, remaining_wh=1_999, daily_wh=None), (None, False)),
        (NIGHT, replace(LIT, remaining_wh=10, daily_wh=40), (None, False)),
        (NIGHT, DARK, (None, False)),
        (replace(NIGHT, said=ONE_EVENING), replace(LIT, remaining_wh=9), (ONE_EVENING, False)),
        (replace(NIGHT, said="2026-11-26"), replace(LIT, remaining_wh=9), (ONE_EVENING, True)),
        (CUT, LIT, (None, False)),
        (CUT, DARK, ("NO_ENERGY", True)),
        (replace(CUT, said="NO_ENERGY"), DARK, ("NO_ENERGY", False)),
        (replace(CUT, said="CUT"), LOCKED, ("LOCKED", True)),
        (replace(CUT, said="CUT"), LIT, (None, False)),
        (CUT, replace(LIT, state=PowerState.NIGHT), (None, False)),
        (replace(CUT, said="CUT"), replace(LIT, state=PowerState.UNKNOWN), ("CUT", False)),
        (BACK, DARK, ("NO_ENERGY", False)),
        (replace(BACK, said="NO_ENERGY"), LIT, (None, True)),
        (BACK, LIT, (None, False)),
        (replace(BACK, said="CUT"), UNHEARD, ("CUT", False)),
    ],
)
def test_what_is_told_and_what_is_remembered(one, room, decided):
    assert decide_alert(one, room, EVENING, PROTECTED, 17) == decided


def test_a_night_cut_is_not_told_in_the_morning():
    room = replace(LIT, remaining_wh=9)
    assert decide_alert(NIGHT, room, EVENING.replace(hour=9), PROTECTED, 17) == (None, False)


def test_a_relay_that_flaps_is_told_once_in_ten_minutes():
    just, long = timedelta(minutes=9), timedelta(minutes=10)
    assert decide_alert(watched(AlertKind.POWER_CUT, None, just), DARK, EVENING, PROTECTED, 17) == (
        None,
        False,
    )
    assert decide_alert(watched(AlertKind.POWER_CUT, None, long), DARK, EVENING, PROTECTED, 17) == (
        "NO_ENERGY",
        True,
    )
    back = watched(AlertKind.POWER_RESTORED, "CUT", just)
    assert decide_alert(back, LIT, EVENING, PROTECTED, 17) == ("CUT", False), "told when the time has passed"


@pytest.mark.parametrize(
    ("one", "room", "words"),
    [
        (LOW, replace(LIT, remaining_wh=8_204), "剩余电量 8.20 度，低于你设的 10.00 度"),
        (NIGHT, replace(LIT, remaining_wh=1_500), "明早 07:00 之前可能用完"),
        (CUT, DARK, "电量用完，已断电。缴电费后会自动恢复"),
        (CUT, LOCKED, "不会自动恢复。请先拔掉违规电器"),
        (BACK, LIT, "恢复供电了"),
    ],
)
def test_in_words_with_the_time_and_no_place(one, room, words):
    said = word_alert(one, room, EVENING, PROTECTED)
    assert words in said
    assert said.startswith("11-27 19:00 你的宿舍")
