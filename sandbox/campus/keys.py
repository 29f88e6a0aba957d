"""The pretend school's device keys, all made from one random master key of this installation.

A terminal's MAC key is AES-CMAC(master, number): diversification, as key cards of real terminals do it. The
gateway's Ed25519 key comes from the same master. The master stays in the data folder, readable by its owner.
"""

from __future__ import annotations

import os
from pathlib import Path
from secrets import token_bytes

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MASTER_BYTES = 16


def load_master_key(file: Path) -> bytes:
    """The master key in `file`; made when there is none."""
    if not file.exists():
        write_secret(file, token_bytes(MASTER_BYTES))
    master = file.read_bytes()
    if len(master) != MASTER_BYTES:
        raise ValueError(f"{file} does not hold a key of {MASTER_BYTES} bytes; remove it to start anew")
    return master


def terminal_key(master: bytes, number: str) -> bytes:
    """16 bytes: AES-CMAC of the terminal's number under the master key."""
    cmac = CMAC(AES(master))
    cmac.update(b"onecard terminal " + number.encode())
    return cmac.finalize()


def gateway_key(master: bytes, gateway_id: str) -> Ed25519PrivateKey:
    info = b"onecard gateway " + gateway_id.encode()
    return Ed25519PrivateKey.from_private_bytes(HKDF(SHA256(), 32, salt=None, info=info).derive(master))


def write_secret(file: Path, content: bytes) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.{os.getpid()}")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
    part.replace(file)
