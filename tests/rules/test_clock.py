"""A device's clock is believed within a day; one that is lost is not."""

from datetime import UTC, datetime, timedelta

import pytest

from onecard.rules.clock import believe_now

pytestmark = pytest.mark.pure

NOW = datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("off", "believed"),
    [
        (timedelta(), True),
        (timedelta(days=1), True),
        (timedelta(days=-1), True),
        (timedelta(days=1, microseconds=1), False),
        (timedelta(days=-1, microseconds=-1), False),
        (timedelta(days=-20_000), False),
        (timedelta(days=900_000), False),
    ],
)
def test_a_clock_is_believed_or_lost(off, believed):
    assert believe_now(NOW + off, NOW) == (NOW + off if believed else NOW)
