import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecard.rules.money import MAXIMUM_FEN, format_yuan, parse_yuan

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("12.30", 1230),
        ("12.3", 1230),
        ("12", 1200),
        ("-5.04", -504),
        ("0.01", 1),
        ("0", 0),
        ("-0.00", 0),
        ("007.5", 750),
    ],
)
def test_yuan_to_fen(text, fen):
    assert parse_yuan(text) == fen


@pytest.mark.parametrize(
    "text",
    ["", " 1", "1 ", "1.", ".5", "1.234", "1e3", "+1", "--1", "1,000", "1_0", "NaN", "inf", "0x1", "１２",
     "1.2.3", "1\n", "9" * 14, "-", "٣"],
)  # fmt: skip
def test_what_is_no_amount(text):
    with pytest.raises(ValueError, match="an amount"):
        parse_yuan(text)


@pytest.mark.parametrize("value", [1.5, 1, None, b"1"])
def test_only_strings_are_read(value):
    with pytest.raises(ValueError, match="decimal string"):
        parse_yuan(value)


@given(st.integers(-MAXIMUM_FEN, MAXIMUM_FEN))
def test_there_and_back(fen):
    assert parse_yuan(format_yuan(fen)) == fen


@given(st.text())
def test_any_text_is_an_amount_or_a_value_error(text):
    try:
        fen = parse_yuan(text)
    except ValueError:
        return
    assert abs(fen) <= MAXIMUM_FEN
