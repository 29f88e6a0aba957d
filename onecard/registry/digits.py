"""The query password (查询密码): six digits, kept only as a salted argon2id hash.

Six digits are guessable by whoever holds the hash; the dear profile makes that slow, the limits on tries make
guessing online hopeless. Invented people get a cheap one, and their row says so.
"""

from __future__ import annotations

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

AT_ONCE = 2  # a dear hash takes 64 MB and a core for a tenth of a second

_DIGITS = re.compile(r"[0-9]{6}")
_workers = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="digits")


class DigitsProfile(StrEnum):
    REAL = "REAL"
    INVENTED = "INVENTED"


_HASHERS = {
    DigitsProfile.REAL: PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=1),
    DigitsProfile.INVENTED: PasswordHasher(time_cost=1, memory_cost=8, parallelism=1),
}


async def hash_digits(digits: str, profile: DigitsProfile) -> str:
    """ValueError when they are not six digits. A tenth of a second for REAL: hold no transaction meanwhile."""
    if not _DIGITS.fullmatch(digits):
        raise ValueError("a query password is six digits")
    return await asyncio.get_running_loop().run_in_executor(_workers, _HASHERS[profile].hash, digits)


async def digits_match(digits: str, kept: str | None, profile: DigitsProfile) -> bool:
    """Takes as long for nobody (`kept` None) as for somebody, so that numbers cannot be found by timing."""
    return await asyncio.get_running_loop().run_in_executor(_workers, _match, digits, kept, profile)


def _match(digits: str, kept: str | None, profile: DigitsProfile) -> bool:
    try:
        _HASHERS[profile].verify(kept or _decoy(profile), digits)
    except VerifyMismatchError:
        return False
    return kept is not None


@cache
def _decoy(profile: DigitsProfile) -> str:
    return _HASHERS[profile].hash("nobody's")
