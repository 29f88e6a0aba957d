"""The pretend school's device keys, all made from one random master key of this installation.

A terminal's MAC key is AES-CMAC(master, number): diversification, as key cards of real terminals do it. The
gateway's Ed25519 key comes from the same master. The master stays in the data folder, readable by its owner.
"""

from __future__ import annotations

from pathlib import Path
from secrets import token_bytes

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sandbox.secret_file import write_secret

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


def meter_password(master: bytes) -> bytes:
    """PA P0 P1 P2 of every pretend meter: level 02, then three bytes of BCD."""
    drawn = HKDF(SHA256(), 3, salt=None, info=b"onecard meters").derive(master)
    return bytes((0x02, *(byte % 10 << 4 | byte // 16 % 10 for byte in drawn)))


METER_OPERATOR = bytes.fromhex("01000000")
