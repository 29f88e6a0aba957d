"""The payment code (付款码): 20 digits = 91, 17 random ones, and Luhn's check digit.

`91` tells it from WeChat's (10–15) and Alipay's (25–30) codes at a till that takes all three.
"""

from __future__ import annotations

import hashlib
import re
import secrets

PREFIX = "91"
LENGTH = 20

_RANDOM = LENGTH - len(PREFIX) - 1
_FORM = re.compile(rf"{PREFIX}[0-9]{{{_RANDOM + 1}}}", re.ASCII)


def new_code() -> str:
    """A fresh one: 10^17 are possible, so that none of the few that live can be guessed."""
    body = PREFIX + f"{secrets.randbelow(10**_RANDOM):0{_RANDOM}d}"
    return body + _check_digit(body)


def is_code(text: str) -> bool:
    """Whether it has the form; most misread digits show here already."""
    return _FORM.fullmatch(text) is not None and _check_digit(text[:-1]) == text[-1]


def hash_code(code: str) -> bytes:
    """What is kept of a code, in Redis and in its claim: 32 bytes that nobody can show to a till."""
    return hashlib.sha256(code.encode()).digest()


def _check_digit(body: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(body)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)
