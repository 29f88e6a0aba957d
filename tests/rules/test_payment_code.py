"""付款码: twenty digits, and every single misread one shows."""

import pytest

from onecard.rules.payment_code import LENGTH, hash_code, is_code, new_code

pytestmark = pytest.mark.pure


def test_fresh_codes_are_codes_and_differ():
    codes = {new_code() for _ in range(1000)}
    assert len(codes) == 1000
    assert all(is_code(code) and len(code) == LENGTH and code.startswith("91") for code in codes)


def test_one_misread_digit_is_noticed():
    code = new_code()
    for place in range(LENGTH):
        for digit in "0123456789":
            misread = code[:place] + digit + code[place + 1 :]
            assert is_code(misread) == (misread == code)


@pytest.mark.parametrize(
    "text", ["", "91", "１" * 20, "91" + "٣" * 18, "9" * 21, " " * 20, "134567890123456789"]
)
def test_what_is_no_code(text):
    assert not is_code(text)


def test_the_hash_is_32_bytes():
    assert len(hash_code(new_code())) == 32
