"""The query password: six digits in, a hash out, and nobody's answer costs what somebody's does."""

import pytest

from onecard.registry.digits import DigitsProfile, digits_match, hash_digits

pytestmark = pytest.mark.pure

INVENTED = DigitsProfile.INVENTED


async def test_only_the_right_digits_match():
    kept = await hash_digits("010203", INVENTED)
    assert "010203" not in kept
    assert kept.startswith("$argon2id$")
    assert await digits_match("010203", kept, INVENTED)
    for wrong in ("010204", "", "0102030", "x" * 1000, "０１０２０３"):
        assert not await digits_match(wrong, kept, INVENTED)


async def test_nobody_has_no_digits_that_match():
    for tried in ("010203", "", "nobody's"):
        assert not await digits_match(tried, None, INVENTED)


async def test_equal_digits_have_different_hashes():
    assert await hash_digits("010203", INVENTED) != await hash_digits("010203", INVENTED)


@pytest.mark.parametrize("digits", ["", "12345", "1234567", "12345X", "１２３４５６", "12 456"])
async def test_six_digits_and_nothing_else(digits):
    with pytest.raises(ValueError, match="six digits"):
        await hash_digits(digits, INVENTED)


async def test_a_real_persons_hash_is_dear():
    assert "m=65536,t=3" in await hash_digits("010203", DigitsProfile.REAL)
