"""Energy is exact to a Wh, in and out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecard.rules.energy import format_kwh, parse_kwh

pytestmark = pytest.mark.pure


@given(st.integers(-(10**12), 10**12))
def test_what_is_written_is_read(wh):
    assert parse_kwh(format_kwh(wh)) == wh


@pytest.mark.parametrize(("text", "wh"), [("53.734", 53_734), ("7", 7_000), ("-0.5", -500), ("0", 0)])
def test_short_forms_are_read(text, wh):
    assert parse_kwh(text) == wh


@pytest.mark.parametrize("text", ["", "1.2345", "1e3", " 1", "1,000", "--1", "一", "１"])
def test_anything_else_is_no_energy(text):
    with pytest.raises(ValueError, match="no energy"):
        parse_kwh(text)
