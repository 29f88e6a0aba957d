"""Tokens: short, signed with Ed25519, and good for one audience. No other algorithm is ever taken.

A person's access token is signed by the server and lives ten minutes. A gateway signs its own, with the key it
was enrolled with, for at most fifteen. Neither proves more than who calls; what they may do is looked up.
"""

import base64
import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from onecard.key_file import read_or_make
from onecard.rules.clock import Clock

AUDIENCE = "onecard"
ISSUER = "onecard"
ALGORITHM = "EdDSA"
PERSON_LIVES = timedelta(minutes=10)
LONGEST_LIFE = timedelta(minutes=15)
LEEWAY_S = 30
"""How far a gateway's clock may be off."""
LONGEST_TOKEN = 4_096
KEPT_TOKENS = 20_000
OPEN_DOCUMENTS = "open-documents"
_OURS = ("person", "guest")


class TokenRefused(Exception):
    """The token proves nothing; the reason is for our log."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a good token says. `kind` is person, guest or gateway, `subject` the id of the login, the pay link or the
    gateway; `payer` a guest's openid."""

    kind: str
    subject: str
    scopes: frozenset[str]
    expires_at: float
    payer: str | None = None


@dataclass(frozen=True, slots=True)
class _Kept:
    claims: Claims
    key: Ed25519PublicKey


class Tokens:
    """Signs tokens for people, verifies those of people and gateways."""

    def __init__(
        self,
        private_key: Ed25519PrivateKey,
        clock: Clock,
        gateway_key: Callable[[str], Awaitable[str | None]],
    ) -> None:
        """`gateway_key` finds the PEM of an enrolled gateway's public key."""
        self._private = private_key
        self._public = private_key.public_key()
        self._clock = clock
        self._gateway_key = gateway_key
        raw = self._public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        self._key_id = base64.urlsafe_b64encode(hashlib.sha256(raw).digest()[:12]).decode()
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._keys: dict[str, Ed25519PublicKey] = {}

    def sign_person(self, login_id: str, *, scopes: frozenset[str] = frozenset()) -> str:
        return self._sign("person", login_id, {"scope": " ".join(sorted(scopes))} if scopes else {})

    def sign_guest(self, link_id: str, openid: str) -> str:
        """For who opened a pay link; the openid is their own."""
        return self._sign("guest", link_id, {"payer": openid})

    def _sign(self, kind: str, subject: str, more: dict[str, str]) -> str:
        now = int(self._clock().timestamp())
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject,
            "typ": kind,
            "iat": now,
            "exp": now + int(PERSON_LIVES.total_seconds()),
            "jti": secrets.token_hex(8),
            **more,
        }
        return jwt.encode(claims, self._private, algorithm=ALGORITHM, headers={"kid": self._key_id})

    async def verify(self, token: str) -> Claims:
        """The claims of a token that is good now; TokenRefused otherwise."""
        now = self._clock().timestamp()
        kept = self._kept.get(token)
        if kept is not None:
            # Signed well before; but it ends, and a gateway's key may have been changed or revoked since.
            if kept.claims.expires_at <= now:
                del self._kept[token]
                raise TokenRefused("expired")
            if kept.claims.kind in _OURS or kept.key == await self._key_of(kept.claims.subject):
                return kept.claims
            del self._kept[token]
            raise TokenRefused("the gateway's key has changed")
        claims, key = await self._verify(token, now)
        self._kept[token] = _Kept(claims, key)
        if len(self._kept) > KEPT_TOKENS:
            self._kept.popitem(last=False)
        return claims

    async def _verify(self, token: str, now: float) -> tuple[Claims, Ed25519PublicKey]:
        if len(token) > LONGEST_TOKEN:
            raise TokenRefused("too long")
        try:
            header = jwt.get_unverified_header(token)
            unproved = jwt.decode(token, options={"verify_signature": False})
        except jwt.InvalidTokenError as error:
            raise TokenRefused("not a token") from error
        if header.get("alg") != ALGORITHM:
            raise TokenRefused("another algorithm")
        issuer, kind = unproved.get("iss"), unproved.get("typ")
        if issuer == ISSUER and kind in _OURS:
            if header.get("kid") != self._key_id:
                raise TokenRefused("another key of ours, or of nobody")
            key = self._public
        elif isinstance(issuer, str) and kind == "gateway" and issuer == unproved.get("sub"):
            if not issuer.isascii() or not issuer.isprintable():
                raise TokenRefused("an issuer that no database could hold")
            found = await self._key_of(issuer)
            if found is None:
                raise TokenRefused("no such gateway")
            key = found
        else:
            raise TokenRefused("an issuer nobody knows")
        return _proved(token, key, str(kind), now), key

    async def _key_of(self, gateway_id: str) -> Ed25519PublicKey | None:
        pem = await self._gateway_key(gateway_id)
        if pem is None:
            return None
        key = self._keys.get(pem)
        if key is None:
            key = self._keys[pem] = read_public_key(pem)
        return key


def _proved(token: str, key: Ed25519PublicKey, kind: str, now: float) -> Claims:
    """The claims, their signature checked with `key`, and their times against `now`."""
    try:
        claims = jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            # The times are ours to check: against the clock that was passed in.
            options={
                "require": ["exp", "iat", "aud", "iss", "sub"],
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
    except jwt.InvalidTokenError as error:
        raise TokenRefused(type(error).__name__) from error
    issued_at, expires_at = claims["iat"], claims["exp"]
    good_from = claims.get("nbf", issued_at)
    if not all(type(moment) in (int, float) for moment in (issued_at, good_from, expires_at)):
        raise TokenRefused("times that are no numbers")
    if expires_at <= now:
        raise TokenRefused("expired")
    if max(issued_at, good_from) > now + LEEWAY_S:
        raise TokenRefused("from the future")
    if not 0 < expires_at - issued_at <= LONGEST_LIFE.total_seconds():
        raise TokenRefused("lives too long")
    scope = claims.get("scope", "")
    # A gateway signs for itself, so it cannot give itself scopes.
    scopes = frozenset(scope.split()) if isinstance(scope, str) and kind == "person" else frozenset[str]()
    payer = str(claims.get("payer", "")) if kind == "guest" else None
    return Claims(kind, str(claims["sub"]), scopes, float(expires_at), payer)


def read_public_key(pem: str) -> Ed25519PublicKey:
    """TokenRefused when it is not an Ed25519 key in PEM."""
    try:
        key = serialization.load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise TokenRefused("an enrolled key that cannot be read") from error
    if not isinstance(key, Ed25519PublicKey):
        raise TokenRefused("an enrolled key of another kind")
    return key


def read_or_make_private_key(pem: str, file: Path) -> Ed25519PrivateKey:
    """The server's key: `pem` when given, else the one in `file`, made at first start (0600)."""
    pem = pem or read_or_make(file, _new_private_key)
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("ONECARD_JWT_KEY must be an Ed25519 private key in PEM")
    return key


def _new_private_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
