"""The gateway's configuration file: who it is, whom it asks, which terminals are its own."""

from __future__ import annotations

import json
import math
import re
import ssl
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from devices_gateway.meter_models import LineConfig, read_lines

MAC_KEY_BYTES = (16, 24, 32)
DEFAULT_ANSWER_WITHIN_S = 8.0  # a terminal waits 10 s; two of them are for the way
DEFAULT_REPEAT_WINDOW_S = 120.0  # how long after a restart a terminal may still ask for its answer
DEFAULT_JOURNAL_CAP_BYTES = 256 << 20
DEFAULT_METER_ROUND_S = 5.0  # a short line is not asked all the time
_NEEDED = ("gatewayId", "privateKeyPem", "apiUrl", "posListen", "terminals", "journal")
_OPTIONAL = (
    *("healthListen", "answerWithinS", "repeatWindowS", "journalCapBytes"),
    *("showPayer", "showAvailable", "apiCaFile", "apiCertFile", "apiKeyFile"),
    *("meterModels", "buses", "meterRoundAtLeastS"),
)


class ConfigError(Exception):
    """The file cannot be used; `remedy` is what to do next."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message} {remedy}")
        self.message = message
        self.remedy = remedy


class CannotListen(Exception):
    """The address of that `member` cannot be listened on; its cause is the OSError."""

    def __init__(self, member: str, host: str, port: int) -> None:
        super().__init__(f"cannot listen on {host}:{port} ({member})")
        self.member = member
        self.address = f"{host}:{port}"


@dataclass(frozen=True, kw_only=True)
class Config:
    gateway_id: str
    private_key: Ed25519PrivateKey
    api_url: str  # …/graphql
    pos_host: str
    pos_port: int  # 0: any free one
    mac_keys: Mapping[str, bytes]  # terminal number → AES key
    journal: Path
    answer_within_s: float = DEFAULT_ANSWER_WITHIN_S
    repeat_window_s: float = DEFAULT_REPEAT_WINDOW_S
    journal_cap_bytes: int = DEFAULT_JOURNAL_CAP_BYTES
    show_payer: bool = True
    show_available: bool = True
    health_host: str | None = None
    health_port: int = 0
    tls: ssl.SSLContext | None = None  # towards the API, where it is not the system's own
    lines: tuple[LineConfig, ...] = ()
    meter_round_at_least_s: float = DEFAULT_METER_ROUND_S

    @property
    def subscription_url(self) -> str:
        scheme, rest = self.api_url.split(":", 1)
        return f"{'wss' if scheme == 'https' else 'ws'}:{rest}"

    def __repr__(self) -> str:
        meters = sum(len(line.meters) for line in self.lines)
        return f"Config({self.gateway_id}, {len(self.mac_keys)} terminals, {meters} meters, {self.api_url})"


def read_config(path: Path) -> Config:
    """ConfigError when the file is missing, readable by others, or wrong."""
    try:
        mode = path.stat().st_mode
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise ConfigError(
            f"There is no {path}.", "Make it with `onecard enrol gateway`, or start `onecard up --sandbox`."
        ) from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigError(f"{path} holds keys and is open to other users.", f"Close it: chmod 600 {path}")
    try:
        return _from_json(json.loads(text), path.parent)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        why = f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
        raise ConfigError(f"{path} cannot be used: {why}.", "docs/devices/pos.md shows one.") from None


def _from_json(given: Mapping[str, Any], folder: Path) -> Config:
    for name in given:
        if name not in _NEEDED + _OPTIONAL:
            raise ValueError(f"there is no member {name}")
    try:
        key: object = load_pem_private_key(given["privateKeyPem"].encode(), None)
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("privateKeyPem is no Ed25519 key in PEM")
    pos_host, pos_port = _address(given["posListen"])
    health_host, health_port = _address(given["healthListen"]) if given.get("healthListen") else (None, 0)
    return Config(
        gateway_id=str(given["gatewayId"]),
        private_key=key,
        api_url=_graphql_url(given["apiUrl"]),
        pos_host=pos_host,
        pos_port=pos_port,
        mac_keys={number: _mac_key(number, entry) for number, entry in given["terminals"].items()},
        journal=folder / given["journal"],
        answer_within_s=_number(given, "answerWithinS", DEFAULT_ANSWER_WITHIN_S, above=0),
        repeat_window_s=_number(given, "repeatWindowS", DEFAULT_REPEAT_WINDOW_S),
        journal_cap_bytes=int(_number(given, "journalCapBytes", DEFAULT_JOURNAL_CAP_BYTES, above=0)),
        show_payer=_flag(given, "showPayer"),
        show_available=_flag(given, "showAvailable"),
        health_host=health_host,
        health_port=health_port,
        tls=_tls(given, folder),
        lines=read_lines(given),
        meter_round_at_least_s=_number(given, "meterRoundAtLeastS", DEFAULT_METER_ROUND_S),
    )


def _tls(given: Mapping[str, Any], folder: Path) -> ssl.SSLContext | None:
    """Trusts `apiCaFile` alone where there is one; shows `apiCertFile` to a proxy that asks for it."""
    authority, certificate, key = (
        folder / given[name] if given.get(name) else None
        for name in ("apiCaFile", "apiCertFile", "apiKeyFile")
    )
    if authority is certificate is key is None:
        return None
    if (certificate is None) is not (key is None):
        raise ValueError("apiCertFile and apiKeyFile go together")
    if not given["apiUrl"].startswith("https:"):
        raise ValueError("apiUrl is not https, so no certificate can prove anything")
    try:
        context = ssl.create_default_context(cafile=authority)
        if certificate is not None:
            context.load_cert_chain(certificate, key, password="")  # none: it fails instead of asking
    except OSError as error:
        raise ValueError(f"apiCaFile, apiCertFile or apiKeyFile: {error.strerror or error}") from None
    return context


def _number(given: Mapping[str, Any], name: str, default: float, above: float = -1) -> float:
    value = given.get(name, default)
    if not isinstance(value, int | float) or isinstance(value, bool) or not above < value < math.inf:
        raise ValueError(f"{name} is {value!r}")
    return value


def _flag(given: Mapping[str, Any], name: str) -> bool:
    value = given.get(name, True)
    if not isinstance(value, bool):
        raise ValueError(f"{name} is neither true nor false")
    return value


def _mac_key(number: str, entry: Mapping[str, str]) -> bytes:
    if re.fullmatch(r"[0-9A-Za-z]{8}", number, re.ASCII) is None:
        raise ValueError(f"{number!r} is no terminal number")
    try:
        key = bytes.fromhex(entry["macKeyHex"])
    except (ValueError, KeyError, TypeError):
        key = b""
    if len(key) not in MAC_KEY_BYTES:
        raise ValueError(f"the MAC key of terminal {number} is no AES key in hex")
    return key


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or int(port) > 65535:
        raise ValueError(f"{text!r} is no HOST:PORT")
    return host.strip("[]") or "127.0.0.1", int(port)


def _graphql_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError(f"apiUrl {text!r} is no http(s) address")
    return urlunsplit(parts._replace(path=parts.path if parts.path.strip("/") else "/graphql"))
