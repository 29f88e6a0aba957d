"""What an installation is told from outside: `Settings.from_env()`. No defaults hide in other files."""

from __future__ import annotations

import os
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000
DEFAULT_SCHOOL = "school"
_SHORTEST_KEY = 16  # bytes
_PORTS = {"http": 80, "https": 443}


class SettingsError(Exception):
    """A setting is missing or wrong; the sentence says which and what to do."""


@dataclass(frozen=True, slots=True)
class WechatSettings:
    """Tencent's bases and bridge script (or the sandbox's), and what the school got there. Secrets stay out of repr."""

    open_base: str = "https://open.weixin.qq.com"
    qyapi_base: str = "https://qyapi.weixin.qq.com"
    mch_base: str = "https://api.mch.weixin.qq.com"
    bridge_url: str = "https://res.wx.qq.com/open/js/jweixin-1.2.0.js"
    corp_id: str = ""
    agent_id: str = ""
    corp_secret: str = field(default="", repr=False)
    app_id: str = ""
    mch_id: str = ""
    mch_serial_no: str = ""
    mch_private_key_file: Path | None = None
    pay_public_key_file: Path | None = None
    pay_public_key_id: str = ""
    pay_previous_key_file: Path | None = None  # while WeChat exchanges keys, it signs with either
    pay_previous_key_id: str = ""
    api_v3_key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SignedProviderSettings:
    """Where a provider of our signed protocol is, and what it gave us: docs/payments.md."""

    base: str
    merchant: str
    key_hex: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    home: Path
    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    school: str = DEFAULT_SCHOOL
    school_name: str = "本校"
    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    public_url: str = f"http://{DEFAULT_HOST}:{DEFAULT_PORT}"
    sandbox: bool = False
    wechat: WechatSettings = field(default_factory=WechatSettings)
    online_payment: SignedProviderSettings | None = None  # where the school has such a platform
    bank: SignedProviderSettings | None = None  # where holders may bind their bank cards
    registry_key: str = field(default="", repr=False)  # empty: the file in `home`, made when missing
    jwt_key: str = field(default="", repr=False)  # PEM; empty: the file in `home`, made when missing
    policy_file: Path | None = None
    pool_max: int = 20

    @property
    def registry_key_file(self) -> Path:
        return self.home / "keys" / "registry.key"

    @property
    def jwt_key_file(self) -> Path:
        return self.home / "keys" / "jwt.pem"

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Read ONECARD_*; SettingsError names what is missing."""
        read = _Reader(os.environ if env is None else env)
        host = read.text("HOST", DEFAULT_HOST)
        port = read.number("PORT", DEFAULT_PORT)
        return cls(
            home=Path(read.needed("HOME", "the data folder")).expanduser().absolute(),
            database_url=read.needed("DATABASE_URL", "postgresql://user:password@host:5432/database"),
            redis_url=read.needed("REDIS_URL", "redis://host:6379/0"),
            school=read.text("SCHOOL", DEFAULT_SCHOOL),
            school_name=read.text("SCHOOL_NAME", "本校"),
            host=host,
            port=port,
            public_url=_origin("PUBLIC_URL", read.text("PUBLIC_URL", f"http://{in_address(host)}:{port}")),
            sandbox=read.flag("SANDBOX"),
            wechat=_wechat(read, sandbox=read.flag("SANDBOX")),
            online_payment=_signed_provider(
                read, "ONLINE_PAYMENT_BASE", "ONLINE_PAYMENT_MERCHANT", "ONLINE_PAYMENT_KEY"
            ),
            bank=_signed_provider(read, "BANK_BASE", "BANK_MERCHANT", "BANK_KEY"),
            registry_key=read.text("REGISTRY_KEY", ""),
            jwt_key=read.text("JWT_KEY", ""),
            policy_file=read.path("POLICY_FILE"),
            pool_max=read.number("POOL_MAX", 20),
        )


def _origin(name: str, address: str) -> str:
    """Written as browsers write it, for that is what they compare and what WeChat's page signature covers."""
    try:
        parts = urlsplit(address.rstrip("/"))
        scheme, host, port = parts.scheme, parts.hostname, parts.port
    except ValueError:
        scheme, host, port = "", None, None
    if scheme not in _PORTS or not host or not host.isascii() or "@" in parts.netloc or any(parts[2:]):
        raise SettingsError(
            f"ONECARD_{name} must be like https://card.school.edu.cn, with nothing behind, not {address!r}."
        )
    return f"{scheme}://{in_address(host)}" + ("" if port in (None, _PORTS[scheme]) else f":{port}")


def in_address(host: str) -> str:
    """`host` as an address writes it: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host


def _wechat(read: _Reader, *, sandbox: bool) -> WechatSettings:
    plain = WechatSettings()

    def address(name: str, default: str) -> str:
        """A pretend WeChat left over in the environment must never be believed about real money."""
        found = read.text(name, default).rstrip("/")
        if not sandbox and not found.startswith("https://"):
            raise SettingsError(
                f"ONECARD_{name} is {found!r}: WeChat is reached by https, and only a pretend campus by anything else. "
                "Unset it, or set ONECARD_SANDBOX=1."
            )
        return found

    return WechatSettings(
        open_base=address("WECHAT_OPEN_BASE", plain.open_base),
        qyapi_base=address("WECHAT_QYAPI_BASE", plain.qyapi_base),
        mch_base=address("WECHAT_MCH_BASE", plain.mch_base),
        bridge_url=address("WECHAT_BRIDGE_URL", plain.bridge_url),
        corp_id=read.text("WECHAT_CORP_ID", ""),
        agent_id=read.text("WECHAT_AGENT_ID", ""),
        corp_secret=read.text("WECHAT_CORP_SECRET", ""),
        app_id=read.text("WECHAT_APP_ID", ""),
        mch_id=read.text("WECHAT_MCH_ID", ""),
        mch_serial_no=read.text("WECHAT_MCH_SERIAL_NO", ""),
        mch_private_key_file=read.path("WECHAT_MCH_PRIVATE_KEY_FILE"),
        pay_public_key_file=read.path("WECHAT_PAY_PUBLIC_KEY_FILE"),
        pay_public_key_id=read.text("WECHAT_PAY_PUBLIC_KEY_ID", ""),
        pay_previous_key_file=read.path("WECHAT_PAY_PREVIOUS_KEY_FILE"),
        pay_previous_key_id=read.text("WECHAT_PAY_PREVIOUS_KEY_ID", ""),
        api_v3_key=read.text("WECHAT_API_V3_KEY", ""),
    )


def _signed_provider(read: _Reader, base: str, merchant: str, key: str) -> SignedProviderSettings | None:
    """By the names of its three settings; None where the school has none."""
    address = read.text(base, "").rstrip("/")
    if not address:
        return None
    if not read.flag("SANDBOX") and not address.startswith("https://"):
        raise SettingsError(
            f"ONECARD_{base} is reached by https, and only a pretend campus by anything else. "
            "Unset it, or set ONECARD_SANDBOX=1."
        )
    key_hex = read.needed(key, "64 hexadecimal digits that they gave us")
    if len(key_hex) < 2 * _SHORTEST_KEY or len(key_hex) % 2 or not set(key_hex) <= set(string.hexdigits):
        raise SettingsError(f"ONECARD_{key} must be at least {_SHORTEST_KEY} bytes in hexadecimal.")
    return SignedProviderSettings(address, read.needed(merchant, "S0001"), key_hex)


class _Reader:
    """ONECARD_<name> from an environment; an empty value counts as not given."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env

    def text(self, name: str, default: str) -> str:
        return self._env.get(f"ONECARD_{name}", "").strip() or default

    def needed(self, name: str, example: str) -> str:
        value = self.text(name, "")
        if not value:
            raise SettingsError(f"ONECARD_{name} is not set. Set it, like {example}; `onecard up` does so.")
        return value

    def number(self, name: str, default: int) -> int:
        value = self.text(name, str(default))
        if not value.isascii() or not value.isdigit() or int(value) < 1:
            raise SettingsError(f"ONECARD_{name} must be a whole number above 0, not {value!r}.")
        return int(value)

    def flag(self, name: str) -> bool:
        value = self.text(name, "0").lower()
        if value not in ("0", "1", "false", "true", "no", "yes"):
            raise SettingsError(f"ONECARD_{name} must be 1 or 0, not {value!r}.")
        return value in ("1", "true", "yes")

    def path(self, name: str) -> Path | None:
        value = self.text(name, "")
        return Path(value).expanduser().absolute() if value else None
