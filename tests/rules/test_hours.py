from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecard.rules.clock import SHANGHAI, in_shanghai, system_clock
from onecard.rules.hours import ServiceHours, accounting_day
from onecard.rules.refusals import Refusal

pytestmark = pytest.mark.pure

DAY = ServiceHours(time(5), time(22, 55))
NIGHT = ServiceHours(time(22), time(6))
ALWAYS = ServiceHours(time(0), time(0))


def at(hour, minute=0, second=0):
    return datetime(2026, 11, 23, hour, minute, second, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("hours", "moment", "is_open"),
    [
        (DAY, at(4, 59, 59), False),
        (DAY, at(5), True),
        (DAY, at(22, 54, 59), True),
        (DAY, at(22, 55), False),
        (DAY, at(0), False),
        (DAY, datetime(2026, 11, 22, 21, tzinfo=UTC), True),  # 05:00 of the 23rd in Shanghai
        (NIGHT, at(23), True),
        (NIGHT, at(5, 59), True),
        (NIGHT, at(6), False),
        (NIGHT, at(21, 59), False),
        (ALWAYS, at(0), True),
        (ALWAYS, at(12), True),
    ],
)
def test_service_hours(hours, moment, is_open):
    assert hours.is_open(moment) is is_open


def test_outside_them_it_says_when():
    DAY.require_open(at(12))
    with pytest.raises(Refusal) as refused:
        DAY.require_open(at(23))
    assert refused.value.data == {"opens_at": "05:00", "closes_at": "22:55"}


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 22, 22, 59, 59, tzinfo=SHANGHAI), date(2026, 11, 22)),
        (datetime(2026, 11, 22, 23, tzinfo=SHANGHAI), date(2026, 11, 23)),
        (datetime(2026, 11, 23, 22, 59, tzinfo=SHANGHAI), date(2026, 11, 23)),
        (datetime(2026, 12, 31, 15, tzinfo=UTC), date(2027, 1, 1)),
    ],
)
def test_the_accounting_day(moment, day):
    assert accounting_day(moment, time(23)) == day


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)), st.times())  # noqa: DTZ001 - hypothesis wants naive bounds
def test_a_day_ends_after_its_moments_and_within_24_hours(moment, closes_at):
    closes_at = closes_at.replace(tzinfo=None)
    day = accounting_day(moment, closes_at)
    left = datetime.combine(day, closes_at, SHANGHAI) - moment
    assert timedelta(0) < left <= timedelta(hours=24)


def test_a_clock_is_aware():
    assert in_shanghai(system_clock()).utcoffset() == timedelta(hours=8)
    with pytest.raises(AssertionError):
        in_shanghai(datetime(2026, 1, 1))  # noqa: DTZ001 - hypothesis wants naive bounds - meant
