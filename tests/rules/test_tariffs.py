"""Money into energy: exact, in steps, never more than was paid for."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecard.rules.tariffs import Step, Tariff, month_of, price_energy, price_loan, tariff_on

pytestmark = pytest.mark.pure

FLAT = Tariff(date(2026, 1, 1), (Step(None, Decimal("0.5583")),))
STEPS = Tariff(
    date(2026, 9, 1),
    (Step(150_000, Decimal("0.50")), Step(300_000, Decimal("0.60")), Step(None, Decimal("0.90"))),
    quota_wh=8_000,
)


def test_thirty_yuan():
    (part,) = price_energy(FLAT, 3000, 0)
    assert (part.wh, part.fen) == (53_734, 3000)


def test_it_climbs_the_steps():
    parts = price_energy(STEPS, 20_000, 100_000)
    assert [(str(part.price), part.wh, part.fen) for part in parts] == [
        ("0.50", 50_000, 2_500),
        ("0.60", 150_000, 9_000),
        ("0.90", 94_444, 8_500),
    ]


def test_exactly_at_a_step_the_next_one_begins():
    assert [part.wh for part in price_energy(STEPS, 600, 150_000)] == [10_000]
    assert [part.fen for part in price_energy(STEPS, 2_500, 100_000)] == [2_500]


def test_nothing_buys_nothing():
    assert sum(part.wh for part in price_energy(FLAT, 0, 0)) == 0


@given(st.integers(0, 60_000), st.integers(0, 400_000), st.sampled_from([FLAT, STEPS]))
def test_the_money_is_all_spent_and_never_buys_more_than_its_worth(fen, bought, tariff):
    parts = price_energy(tariff, fen, bought)
    assert sum(part.fen for part in parts) == fen
    for part in parts:
        assert part.wh * part.price <= part.fen * 10
    cheapest = min(step.price for step in tariff.steps)
    assert sum(part.wh for part in parts) * cheapest <= fen * 10


@given(st.integers(0, 60_000), st.integers(0, 400_000))
def test_paying_in_two_goes_gains_nothing_but_the_roundings(fen, bought):
    whole = sum(part.wh for part in price_energy(STEPS, fen, bought))
    half = sum(part.wh for part in price_energy(STEPS, fen // 2, bought))
    rest = sum(part.wh for part in price_energy(STEPS, fen - fen // 2, bought + half))
    assert abs(whole - half - rest) <= 60


@given(st.integers(0, 500_000), st.integers(0, 400_000))
def test_a_loan_costs_what_it_would_buy(wh, bought):
    fen = price_loan(STEPS, wh, bought)
    assert sum(part.wh for part in price_energy(STEPS, fen, bought)) >= wh - 60


def test_each_day_has_its_tariff():
    assert tariff_on([STEPS, FLAT], date(2026, 8, 31)) is FLAT
    assert tariff_on([STEPS, FLAT], date(2026, 9, 1)) is STEPS
    assert tariff_on([STEPS, FLAT], date(2025, 1, 1)) is FLAT


def test_a_month_is_the_schools():
    name, first = month_of(datetime(2026, 10, 31, 16, 30, tzinfo=UTC))
    assert (name, first.isoformat()) == ("2026-11", "2026-11-01T00:00:00+08:00")


@pytest.mark.parametrize(
    "steps",
    [
        (),
        (Step(100, Decimal(1)),),
        (Step(None, Decimal(1)), Step(None, Decimal(2))),
        (Step(200, Decimal(1)), Step(100, Decimal(2)), Step(None, Decimal(3))),
        (Step(0, Decimal(1)), Step(None, Decimal(2))),
        (Step(None, Decimal(0)),),
    ],
)
def test_a_tariff_that_cannot_be_is_refused(steps):
    with pytest.raises(ValueError):  # noqa: PT011 - each says its own sentence
        Tariff(date(2026, 1, 1), steps)
