"""Seals names and phones at rest: AES-256-GCM with a random nonce, bound to the row it belongs to.

Sealed: 1 version | 4 key id | 12 nonce | ciphertext and tag. The key id is the first four bytes of the key's
SHA-256, so that keys can be changed: new seals use the first key, old ones open with whichever made them.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from onecard.key_file import read_or_make

_VERSION = b"\x01"
_KEY_BYTES = 32
_NONCE_BYTES = 12
_HEAD = 1 + 4 + _NONCE_BYTES


class VaultError(Exception):
    """A key is missing or malformed, or something sealed was altered."""


class Vault:
    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != _KEY_BYTES for key in keys):
            raise VaultError("the registry's keys are 32 bytes each, and there is at least one")
        self._keys = tuple(keys)
        self._current = _key_id(keys[0])
        self._ciphers = {_key_id(key): AESGCM(key) for key in keys}

    def seal(self, text: str, *, belongs_to: str) -> bytes:
        """`belongs_to` names the row and the column; the seal opens nowhere else."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        body = self._ciphers[self._current].encrypt(nonce, text.encode(), belongs_to.encode())
        return _VERSION + self._current + nonce + body

    def open(self, sealed: bytes, *, belongs_to: str) -> str:
        """VaultError when it was altered, belongs elsewhere, or its key is not here."""
        cipher = self._ciphers.get(sealed[1:5])
        if sealed[:1] != _VERSION or cipher is None or len(sealed) < _HEAD:
            raise VaultError("sealed with a key that is not here; add the old key after the new one")
        try:
            return cipher.decrypt(sealed[5:_HEAD], sealed[_HEAD:], belongs_to.encode()).decode()
        except InvalidTag:
            raise VaultError(f"what was sealed for {belongs_to} was altered") from None

    def sign(self, text: str, *, purpose: str) -> str:
        """A MAC over `text` that says nothing for another purpose; hexadecimal."""
        return _mac(self._keys[0], text, purpose)

    def signed(self, text: str, mac: str, *, purpose: str) -> bool:
        """Whether one of our keys made that MAC."""
        return any(hmac.compare_digest(_mac(key, text, purpose).encode(), mac.encode()) for key in self._keys)


def read_keys(text: str) -> list[bytes]:
    """Keys in base64, newest first, separated by commas or line ends."""
    try:
        return [base64.b64decode(part, validate=True) for part in text.replace(",", "\n").split()]
    except binascii.Error as problem:
        raise VaultError("the registry's key is not base64") from problem


def read_or_make_keys(file: Path) -> list[bytes]:
    """The keys in `file`, made on first use; whoever comes second reads what the first one made."""
    return read_keys(read_or_make(file, lambda: base64.b64encode(secrets.token_bytes(_KEY_BYTES)) + b"\n"))


def _mac(key: bytes, text: str, purpose: str) -> str:
    derived = hmac.digest(key, b"onecard mac: " + purpose.encode(), "sha256")
    return hmac.new(derived, text.encode(), "sha256").hexdigest()


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()[:4]
