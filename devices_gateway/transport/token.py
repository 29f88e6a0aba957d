"""The gateway's own token: signed with its enrolment key, short-lived, renewed before it ends."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

AUDIENCE = "onecard"
LIFETIME_S = 600  # the API takes at most 900
RENEW_S = 120  # before the end


class TokenSource:
    """`bearer()` is a header value that is good for at least `RENEW_S` more."""

    def __init__(
        self, gateway_id: str, key: Ed25519PrivateKey, clock: Callable[[], float] = time.time
    ) -> None:
        self._gateway_id = gateway_id
        self._key = key
        self._clock = clock
        self._token = ""
        self.expires_s = 0.0

    def bearer(self) -> str:
        now = self._clock()
        if now > self.expires_s - RENEW_S:
            issued = int(now)
            self.expires_s = float(issued + LIFETIME_S)
            self._token = jwt.encode(
                {
                    "iss": self._gateway_id,
                    "sub": self._gateway_id,
                    "aud": AUDIENCE,
                    "typ": "gateway",
                    "iat": issued,
                    "exp": issued + LIFETIME_S,
                    "jti": uuid.uuid4().hex,
                },
                self._key,
                algorithm="EdDSA",
            )
        return f"Bearer {self._token}"

    def seconds_until(self, moment_s: float) -> float:
        return moment_s - self._clock()

    def forget(self) -> None:
        """The API refused it: make another next time."""
        self.expires_s = 0.0
