"""A gateway.json for those who need no server behind it."""

from __future__ import annotations

import json
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


def write(folder: Path, **changes: object) -> Path:
    """Write it, 0600; keywords replace a member, None removes it."""
    key = Ed25519PrivateKey.generate()
    members = {
        "gatewayId": "gw_1",
        "privateKeyPem": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        "apiUrl": "https://card.example",
        "posListen": "127.0.0.1:8002",
        "terminals": {"10000001": {"macKeyHex": "00112233445566778899aabbccddeeff"}},
        "journal": "journal.db",
        **changes,
    }
    path = folder / "gateway.json"
    path.write_text(json.dumps({name: value for name, value in members.items() if value is not None}))
    path.chmod(0o600)
    return path
