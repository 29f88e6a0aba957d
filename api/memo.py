"""What a browser keeps for us while it is away at WeCom.

`state` proves that the browser that comes back is the one that was sent: it is a MAC over a nonce that only
that browser's signed, short-lived cookie knows.
"""

import base64
import hmac
import secrets
from collections.abc import Mapping

import orjson

from onecard.registry.vault import Vault
from onecard.rules.clock import Clock

LOGIN_WITHIN_S = 600
LONGEST_COOKIE = 2_000


class Memos:
    """Of one `purpose`: what was sealed for one says nothing to another."""

    def __init__(self, vault: Vault, clock: Clock, purpose: str) -> None:
        self._vault = vault
        self._clock = clock
        self._sealed = f"{purpose} in progress"
        self._stated = f"{purpose} state"

    def begin(self, memo: Mapping[str, str]) -> tuple[str, str]:
        """The state for the address and the cookie that goes with it, good for LOGIN_WITHIN_S."""
        nonce = secrets.token_urlsafe(24)
        return self._state(nonce), self.seal({**memo, "nonce": nonce}, LOGIN_WITHIN_S)

    def answer(self, cookie: str, state: str) -> dict[str, str] | None:
        """The memo of the browser that was sent with this state; None for any other."""
        memo = self.unseal(cookie)
        if memo is None or not hmac.compare_digest(self._state(memo["nonce"]).encode(), state.encode()):
            return None
        return memo

    def seal(self, memo: Mapping[str, str], seconds: int) -> str:
        ends = int(self._clock().timestamp()) + seconds
        text = base64.urlsafe_b64encode(orjson.dumps({**memo, "ends": ends})).decode().rstrip("=")
        return f"{text}.{self._vault.sign(text, purpose=self._sealed)}"

    def unseal(self, cookie: str) -> dict[str, str] | None:
        """What we sealed and has not ended; None for anything else."""
        text, _, mac = cookie.partition(".")
        if len(cookie) > LONGEST_COOKIE or not self._vault.signed(text, mac, purpose=self._sealed):
            return None
        memo = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if memo.pop("ends") <= self._clock().timestamp():
            return None
        return {name: str(value) for name, value in memo.items()}

    def _state(self, nonce: str) -> str:
        """In the address, so it may be seen; it leads back to no nonce."""
        return self._vault.sign(nonce, purpose=self._stated)
