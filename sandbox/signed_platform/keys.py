"""What a platform would have handed to the school: a merchant number and a key, made once for this installation.

They lie apart from the platforms: `onecard up` reads them without loading all that plays those.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.secret_file import write_secret

NAMES = "keys.json"
SETTINGS = {"cashier": "ONLINE_PAYMENT", "bank": "BANK"}  # by the platform's name, which is its path too


@dataclass(frozen=True, slots=True)
class PlatformKeys:
    folder: Path
    merchant: str
    key: bytes = field(repr=False)


def load_platform_keys(home: Path, name: str) -> PlatformKeys:
    """Made on first use."""
    folder = home / "sandbox" / name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / NAMES
    if not path.exists():
        made = {"merchant": f"S{secrets.randbelow(10**6):06}", "keyHex": secrets.token_hex(32)}
        write_secret(path, json.dumps(made).encode() + b"\n")
    kept = json.loads(path.read_text("utf-8"))
    return PlatformKeys(folder, kept["merchant"], bytes.fromhex(kept["keyHex"]))


def platforms_environment(home: Path, base: str) -> dict[str, str]:
    """ONECARD_ONLINE_PAYMENT_* and ONECARD_BANK_* for the school's processes."""
    given = {}
    for name, setting in SETTINGS.items():
        keys = load_platform_keys(home, name)
        given[f"ONECARD_{setting}_BASE"] = f"{base}/{name}"
        given[f"ONECARD_{setting}_MERCHANT"] = keys.merchant
        given[f"ONECARD_{setting}_KEY"] = keys.key.hex()
    return given
