"""Public ids: a prefix that says what it is, and a random part that says nothing else.

`acc_0a1b…` = prefix + 26 characters of Crockford's base32 (lowercase) over a random uuid4.
A bill's id is `bil_` + the transfer's number.
"""

from __future__ import annotations

import re
from uuid import uuid4

PREFIXES = frozenset(
    (
        "acc",
        "alr",
        "bcd",
        "bld",
        "bil",
        "cam",
        "cas",
        "cls",
        "cmd",
        "dep",
        "dtk",
        "ele",
        "gwy",
        "hol",
        "inc",
        "lnk",
        "mer",
        "met",
        "pro",
        "per",
        "rch",
        "res",
        "rfd",
        "rom",
        "ses",
        "ter",
        "usr",
    )
)

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH = 26
_RANDOM = re.compile(rf"[0-7][{_ALPHABET}]{{{_LENGTH - 1}}}")
_NUMBER = re.compile(r"[1-9][0-9]{0,18}")
_BIGINT = 2**63 - 1


def new_id(prefix: str) -> str:
    """A fresh id such as `acc_3f…`; `prefix` without the underscore."""
    assert prefix in PREFIXES, prefix
    assert prefix != "bil", "a bill's id is its transfer's number"
    number = uuid4().int
    return prefix + "_" + "".join(_ALPHABET[number >> 5 * place & 31] for place in reversed(range(_LENGTH)))


def check_id(prefix: str, text: str) -> str:
    """`text` itself when it is an id of that kind; ValueError otherwise."""
    head, _, rest = text.partition("_")
    if head != prefix or not (_NUMBER if prefix == "bil" else _RANDOM).fullmatch(rest):
        raise ValueError(f"not an id of the kind {prefix}_…")
    return text


def bill_id(transfer_id: int) -> str:
    """The public id of a transfer."""
    return f"bil_{transfer_id}"


def transfer_id(bill: str) -> int:
    """The transfer behind `bil_42`; ValueError when it is no bill's id."""
    number = int(check_id("bil", bill).removeprefix("bil_"))
    if number > _BIGINT:
        raise ValueError("not an id of the kind bil_…")
    return number
