"""What the platform would have handed to the school: a merchant number and a key, made once for this installation."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.secret_file import write_secret

NAMES = "keys.json"


@dataclass(frozen=True, slots=True)
class CashierKeys:
    folder: Path
    merchant: str
    key: bytes = field(repr=False)


def load_cashier_keys(home: Path) -> CashierKeys:
    """Made on first use."""
    folder = home / "sandbox" / "cashier"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / NAMES
    if not path.exists():
        made = {"merchant": f"S{secrets.randbelow(10**6):06}", "keyHex": secrets.token_hex(32)}
        write_secret(path, json.dumps(made).encode() + b"\n")
    kept = json.loads(path.read_text("utf-8"))
    return CashierKeys(folder, kept["merchant"], bytes.fromhex(kept["keyHex"]))


def cashier_environment(home: Path, base: str) -> dict[str, str]:
    """ONECARD_ONLINE_PAYMENT_* for the school's processes."""
    keys = load_cashier_keys(home)
    return {
        "ONECARD_ONLINE_PAYMENT_BASE": f"{base}/cashier",
        "ONECARD_ONLINE_PAYMENT_MERCHANT": keys.merchant,
        "ONECARD_ONLINE_PAYMENT_KEY": keys.key.hex(),
    }
