from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from onecard.rules.clock import SHANGHAI
from onecard.rules.hours import ServiceHours
from onecard.rules.kinds import IncidentState, PowerState
from onecard.rules.power import (
    Cause,
    Now,
    PowerNight,
    Seen,
    Switch,
    Want,
    decide_power,
    find_next_night,
    find_night,
    name_state,
    night_of,
)
from onecard.rules.power_policy import PowerPolicy, read_power_policy

pytestmark = pytest.mark.pure

NOON = datetime(2026, 11, 26, 12, tzinfo=SHANGHAI)  # a Thursday
WEEK = frozenset(range(7))
WORKDAYS = frozenset(range(5))
DAY = Now(NOON, None, protected=False, cuts_at_zero=True, staff_holds=timedelta(hours=6))
PROTECTED = replace(DAY, protected=True)
DARK = replace(PROTECTED, night_until=NOON + timedelta(hours=6))
LIT = Seen(
    is_closed=True,
    forbidden=False,
    incident=None,
    meter_counts=False,
    remaining_wh=9_000,
    owes=False,
    newest=None,
)
EMPTY = replace(LIT, remaining_wh=0)


def switched(actor, opens, ago=timedelta(minutes=30), **more):
    values = {"is_under_way": False, "is_done": True, "tries": 1} | more
    return Switch(opens, actor, NOON - ago, **values)


NIGHT_OFF, MONEY_OFF = switched(Cause.NIGHT.actor, True), switched(Cause.MONEY.actor, True)
BACK_ON = switched(Cause.BACK.actor, False)
STAFF_OFF, STAFF_ON = switched("per_1", True), switched("per_1", False)
OFF = replace(LIT, is_closed=False)


@pytest.mark.parametrize(
    ("seen", "now", "decided"),
    [
        (LIT, DAY, None),
        (EMPTY, DAY, (Want.OPEN, Cause.MONEY)),
        (replace(EMPTY, remaining_wh=-400), DAY, (Want.OPEN, Cause.MONEY)),
        (EMPTY, replace(DAY, cuts_at_zero=False), None),
        (replace(EMPTY, meter_counts=True), DAY, None),  # it opens by itself
        (replace(LIT, remaining_wh=None), DAY, None),  # nobody is cut by an old reading
        (replace(EMPTY, is_closed=None), DAY, None),
        (replace(EMPTY, forbidden=True), DAY, None),  # the meter has the say
        (replace(EMPTY, incident=IncidentState.APPROVED), DAY, None),  # and then the offices
        (replace(EMPTY, incident=IncidentState.CUT), DAY, (Want.OPEN, Cause.MONEY)),  # it lit the room again
        (EMPTY, PROTECTED, (Want.LEND, Cause.MONEY)),
        (replace(EMPTY, owes=True), PROTECTED, None),  # lent once, and lit until the morning
        (replace(EMPTY, is_closed=False, newest=MONEY_OFF), PROTECTED, None),
        (LIT, DARK, (Want.OPEN, Cause.NIGHT)),
        (replace(LIT, meter_counts=True, remaining_wh=None), DARK, (Want.OPEN, Cause.NIGHT)),
        (replace(OFF, newest=NIGHT_OFF), DARK, None),
        (replace(OFF, newest=NIGHT_OFF), DAY, (Want.CLOSE, Cause.BACK)),
        (replace(OFF, newest=NIGHT_OFF, remaining_wh=None), DAY, (Want.CLOSE, Cause.BACK)),
        (replace(OFF, newest=NIGHT_OFF, remaining_wh=0), DAY, None),
        (replace(OFF, newest=MONEY_OFF), DAY, (Want.CLOSE, Cause.BACK)),
        (replace(OFF, newest=MONEY_OFF, remaining_wh=None), DAY, None),
        (OFF, DAY, None),  # pulled on the spot: nobody knows why
        (replace(OFF, newest=BACK_ON), DAY, None),  # it was on, and somebody on the spot opened it
        (replace(OFF, newest=replace(BACK_ON, is_done=False)), DAY, (Want.CLOSE, Cause.BACK)),
        (replace(OFF, newest=STAFF_OFF), DAY, None),
        (replace(EMPTY, newest=STAFF_OFF), DAY, (Want.OPEN, Cause.MONEY)),  # it never reached the meter
        (replace(EMPTY, newest=replace(STAFF_OFF, is_under_way=True)), DAY, None),
        (replace(EMPTY, newest=STAFF_ON), DAY, None),
        (
            replace(EMPTY, newest=switched("per_1", False, timedelta(hours=7))),
            DAY,
            (Want.OPEN, Cause.MONEY),
        ),
    ],
)
def test_what_is_done_about_a_room(seen, now, decided):
    assert decide_power(seen, now) == decided


@pytest.mark.parametrize(
    ("newest", "again"),
    [
        (switched(Cause.MONEY.actor, True, timedelta(minutes=4)), False),
        (switched(Cause.MONEY.actor, True, timedelta(minutes=5)), True),
        (switched(Cause.MONEY.actor, True, timedelta(minutes=9), tries=2), False),
        (switched(Cause.MONEY.actor, True, timedelta(minutes=59), tries=6), False),
        (switched(Cause.MONEY.actor, True, timedelta(minutes=60), tries=6), True),
        (switched(Cause.MONEY.actor, True, timedelta(minutes=60), is_under_way=True), False),
        (switched(Cause.BACK.actor, False, timedelta(seconds=1), is_under_way=True), True),  # overtaken
    ],
)
def test_what_did_not_work_is_tried_again_ever_more_rarely(newest, again):
    assert (decide_power(replace(EMPTY, newest=newest), DAY) is not None) is again


def at(day, hour, minute=0):
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


LATE = PowerNight(time(23), time(6), WORKDAYS)
SIESTA = PowerNight(time(12), time(14), WEEK, frozenset({"west-03"}), on_holidays=True)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (at(26, 22, 59), None),
        (at(26, 23), at(27, 6)),
        (at(27, 5, 59), at(27, 6)),
        (at(27, 6), None),
        (at(28, 5), at(28, 6)),  # Friday's night ends on Saturday
        (at(28, 23, 30), None),  # Saturday's is lit
        (at(30, 1), None),  # … and so is Sunday's, which Monday's morning belongs to
        (at(30, 23, 30), None),  # a holiday
        (at(26, 13), at(26, 14)),
        (at(30, 13), at(30, 14)),
    ],
)
def test_the_timetable(now, until):
    assert find_night((LATE, SIESTA), frozenset({date(2026, 11, 30)}), "west-03", now) == until


@pytest.mark.parametrize(
    ("now", "begins", "ends"),
    [
        (at(26, 15), at(26, 23), at(27, 6)),  # tonight
        (at(27, 5), at(26, 23), at(27, 6)),  # the one that is
        (at(27, 6), at(27, 12), at(27, 14)),  # the next is by day
        (at(28, 15), at(29, 12), at(29, 14)),  # Saturday night is lit
        (at(30, 15), at(30, 12) + timedelta(days=1), at(30, 14) + timedelta(days=1)),  # the holiday's is lit
    ],
)
def test_the_next_night_of_a_building(now, begins, ends):
    holidays = frozenset({date(2026, 11, 30)})
    assert find_next_night((LATE, SIESTA), holidays, "west-03", now) == (begins, ends)


def test_nights_that_overlap_are_one_and_none_is_none():
    early = PowerNight(time(22), time(23, 30), WEEK)
    assert find_next_night((LATE, early), frozenset(), "x", at(26, 15)) == (at(26, 22), at(27, 6))
    assert find_next_night((), frozenset(), "x", at(26, 15)) is None
    once = PowerNight(time(23), time(6), frozenset({5}))  # Saturdays
    assert find_next_night((once,), frozenset({date(2026, 11, 28)}), "x", at(27, 12)) is None


def test_a_timetable_of_one_building_is_not_anothers():
    assert find_night((SIESTA,), frozenset(), "east-01", at(26, 13)) is None


@pytest.mark.parametrize(
    ("now", "name"), [(at(26, 22), "2026-11-26"), (at(27, 6, 59), "2026-11-26"), (at(27, 22), "2026-11-27")]
)
def test_a_protected_night_is_called_by_the_day_it_began(now, name):
    assert night_of(ServiceHours(time(22), time(7)), now) == name


def test_the_policy_as_a_file_gives_it():
    assert read_power_policy(
        {
            "cut_at_zero": False,
            "protected_hours": ["21:00", "08:00"],
            "emergency_kwh": "3",
            "nights": [{"days": ["MON", "SUN"], "off": "23:00", "on": "06:00", "buildings": ["west-03"]}],
            "holidays": ["2027-01-01"],
            "staff_switch_holds_s": 60,
        }
    ) == PowerPolicy(
        cut_at_zero=False,
        protected_hours=ServiceHours(time(21), time(8)),
        emergency_wh=3_000,
        nights=(PowerNight(time(23), time(6), frozenset({0, 6}), frozenset({"west-03"})),),
        holidays=frozenset({date(2027, 1, 1)}),
        staff_switch_holds_s=60,
    )


@pytest.mark.parametrize(
    "given",
    [
        {"emergency_wh": 5},
        {"cut_at_zero": 1},
        {"emergency_kwh": "-1"},
        {"staff_switch_holds_s": 0},
        {"staff_switch_holds_s": "60"},
        {"nights": [{"off": "23:00", "on": "23:00"}]},
        {"nights": [{"off": "23:00", "on": "06:00", "days": []}]},
        {"nights": [{"off": "23:00", "on": "06:00", "days": ["FUN"]}]},
        {"nights": [{"off": "23:00", "on": "06:00", "until": "now"}]},
        {"protected_hours": ["22:00+08:00", "07:00"]},
        {"holidays": ["tomorrow"]},
    ],
)
def test_nonsense_is_told(given):
    with pytest.raises(ValueError, match=r".+"):
        read_power_policy(given)


@pytest.mark.parametrize(
    ("seen", "night", "state"),
    [
        (LIT, False, PowerState.NORMAL),
        (EMPTY, False, PowerState.NORMAL),  # it is lit: lent, or about to be cut
        (OFF, False, PowerState.SWITCHED_OFF),  # nobody of ours did it
        (replace(OFF, newest=STAFF_OFF), False, PowerState.SWITCHED_OFF),
        (replace(OFF, newest=STAFF_OFF, remaining_wh=0), False, PowerState.SWITCHED_OFF),
        (replace(OFF, newest=MONEY_OFF, remaining_wh=-4), False, PowerState.NO_ENERGY),
        (replace(OFF, remaining_wh=0, meter_counts=True), False, PowerState.NO_ENERGY),
        (replace(OFF, newest=NIGHT_OFF), True, PowerState.NIGHT),
        (replace(OFF, newest=NIGHT_OFF, remaining_wh=0), False, PowerState.NO_ENERGY),
        (replace(LIT, is_closed=None), True, PowerState.UNKNOWN),
        (replace(OFF, forbidden=True), False, PowerState.CUT),
        (replace(OFF, forbidden=True, incident=IncidentState.CUT), False, PowerState.CUT),
        (replace(OFF, forbidden=True, incident=IncidentState.APPLIED), True, PowerState.LOCKED),
        (replace(LIT, is_closed=None, incident=IncidentState.LOCKED), False, PowerState.LOCKED),
    ],
)
def test_a_room_is_told_why_it_is_dark(seen, night, state):
    assert name_state(seen, NOON + timedelta(hours=6) if night else None) is state
