"""What Tencent would have handed to the school, invented once for this installation.

Below $ONECARD_HOME/sandbox/wechat/, 0600: the merchant's key pair, WeChat Pay's key pair, and `names.json`
with ids and secrets. The school's processes get theirs by `environment`; WeChat's private key stays here.
They lie beside `wechat/`: `onecard up` reads them without loading all that plays WeChat.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from sandbox.secret_file import write_secret
from sandbox.signed_platform.keys import platforms_environment

RSA_BITS = 2048

MERCHANT_KEY = "merchant_key.pem"
MERCHANT_PUBLIC = "merchant_public.pem"
PLATFORM_KEY = "platform_key.pem"
PLATFORM_PUBLIC = "platform_public.pem"
NAMES = "names.json"


@dataclass(frozen=True, slots=True)
class Names:
    corp_id: str
    agent_id: str
    corp_secret: str = field(repr=False)
    app_id: str  # of the school's official account; paying goes by corp_id
    app_secret: str = field(repr=False)
    mch_id: str
    mch_serial_no: str
    public_key_id: str
    api_v3_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class WechatKeys:
    folder: Path
    names: Names

    def read(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()


def load_keys(home: Path) -> WechatKeys:
    """The keys of this installation, made on first use; two processes at once make them once."""
    folder = home / "sandbox" / "wechat"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / NAMES).exists():  # written last, so it stands for all of them
            _make(folder)
    finally:
        os.close(lock)
    return WechatKeys(folder, Names(**json.loads((folder / NAMES).read_text("utf-8"))))


def environment(home: Path, host: str, sandbox_port: int, api_port: int) -> dict[str, str]:
    """ONECARD_WECHAT_*, ONECARD_ONLINE_PAYMENT_* and ONECARD_BANK_* for the school's processes: every base is the
    sandbox.

    ONECARD_PUBLIC_URL too, where none is set: notifications and logins come back to the API there.
    """
    keys = load_keys(home)
    base, names = f"http://{host}:{sandbox_port}", keys.names
    given = {
        "ONECARD_SANDBOX": "1",  # addresses without https are taken by a pretend campus only
        "ONECARD_WECHAT_OPEN_BASE": base,
        "ONECARD_WECHAT_QYAPI_BASE": base,
        "ONECARD_WECHAT_MCH_BASE": base,
        "ONECARD_WECHAT_BRIDGE_URL": f"{base}/jweixin.js",
        "ONECARD_WECHAT_CORP_ID": names.corp_id,
        "ONECARD_WECHAT_AGENT_ID": names.agent_id,
        "ONECARD_WECHAT_CORP_SECRET": names.corp_secret,
        "ONECARD_WECHAT_APP_ID": names.corp_id,  # pay's appid is the corp id where members pay
        "ONECARD_WECHAT_MCH_ID": names.mch_id,
        "ONECARD_WECHAT_MCH_SERIAL_NO": names.mch_serial_no,
        "ONECARD_WECHAT_MCH_PRIVATE_KEY_FILE": str(keys.folder / MERCHANT_KEY),
        "ONECARD_WECHAT_PAY_PUBLIC_KEY_FILE": str(keys.folder / PLATFORM_PUBLIC),
        "ONECARD_WECHAT_PAY_PUBLIC_KEY_ID": names.public_key_id,
        "ONECARD_WECHAT_API_V3_KEY": names.api_v3_key,
    }
    given |= platforms_environment(home, base)
    if not os.environ.get("ONECARD_PUBLIC_URL"):
        given["ONECARD_PUBLIC_URL"] = f"http://{host}:{api_port}"
    return given


def _make(folder: Path) -> None:
    merchant = generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    platform = generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    write_secret(folder / MERCHANT_KEY, _private_pem(merchant))
    write_secret(folder / MERCHANT_PUBLIC, _public_pem(merchant))
    write_secret(folder / PLATFORM_KEY, _private_pem(platform))
    write_secret(folder / PLATFORM_PUBLIC, _public_pem(platform))
    names = Names(
        corp_id=f"ww{secrets.token_hex(8)}",
        agent_id="1000002",
        corp_secret=secrets.token_urlsafe(32),
        app_id=f"wx{secrets.token_hex(8)}",
        app_secret=secrets.token_hex(16),
        mch_id=f"19{secrets.randbelow(10**8):08}",
        mch_serial_no=secrets.token_hex(20).upper(),
        public_key_id=f"PUB_KEY_ID_{secrets.token_hex(16).upper()}",
        api_v3_key=secrets.token_hex(16),
    )
    write_secret(folder / NAMES, json.dumps(asdict(names), indent=2).encode() + b"\n")


def _private_pem(key: RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _public_pem(key: RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
