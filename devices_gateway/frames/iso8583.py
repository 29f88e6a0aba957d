"""ISO 8583:1987 as the campus terminals speak it: ASCII MTI, binary bitmap, ASCII fields, DE63 in GB18030.

One dataclass per message, one declaration per data element; docs/devices/pos.md is the same in prose.
`open_message` decodes bytes, `Envelope.is_from` proves who sent them, `parse` reads the declared fields.
"""

from __future__ import annotations

import copy
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta, timezone
from typing import Any, ClassVar, Protocol, TypeVar

import iso8583
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC
from iso8583.specs import default as _binary_bitmap_spec

from devices_gateway.frames.framer import with_length

CAMPUS_TIME = timezone(timedelta(hours=8), "Asia/Shanghai")  # no summer time since 1991
MAC_BYTES = 8
AHEAD = timedelta(days=45)  # how far a terminal's clock may be fast; what is further was last year
TEXT_MAX_BYTES = 240  # of DE63; a till's display has four lines

_SPEC = copy.deepcopy(_binary_bitmap_spec)
_SPEC["63"]["data_enc"] = "gb18030"


class FrameError(ValueError):
    """The bytes are no ISO 8583 message of ours; nothing of them can be answered."""


class FormatError(ValueError):
    """A message, but a data element is missing or malformed: `element` says which."""

    def __init__(self, element: str) -> None:
        super().__init__(f"DE{element} is missing or malformed")
        self.element = element


class UnknownMessage(ValueError):
    """A well-formed message of a type that this side does not take."""


# ── data elements ────────────────────────────────────────────────────────────────────────────────────────


class _Codec(Protocol):
    def read(self, text: str) -> Any: ...
    def write(self, value: Any) -> str: ...


@dataclass(frozen=True)
class _Text:
    pattern: str

    def read(self, text: str) -> str:
        if re.fullmatch(self.pattern, text, re.ASCII) is None:
            raise ValueError
        return text

    write = read


class _Fen:
    """n12, whole fen."""

    def read(self, text: str) -> int:
        return int(_Text("[0-9]{12}").read(text))

    def write(self, value: int) -> str:
        return _Text("[0-9]{12}").read(f"{value:012d}")


class _Available:
    """DE54: account 00, amount type 02 (available balance), currency 156, C or D, n12 fen."""

    def read(self, text: str) -> int:
        sign, amount = _Text("0002156[CD][0-9]{12}").read(text)[7], int(text[8:])
        return amount if sign == "C" else -amount

    def write(self, value: int) -> str:
        return f"0002156{'D' if value < 0 else 'C'}{abs(value):012d}"


class _Words:
    """DE63: first line to be spoken, the others to be shown."""

    def read(self, text: str) -> str:
        return text

    def write(self, value: str) -> str:
        return value.encode("gb18030")[:TEXT_MAX_BYTES].decode("gb18030", "ignore")


@dataclass(frozen=True)
class OriginalMessage:
    """DE90: which message a reversal reverses, by its MTI, DE11 and DE7."""

    mti: str
    trace: str
    sent_at: str


class _Original:
    """n42: MTI 4 | DE11 6 | DE7 10 | acquirer 11 | forwarder 11, both zeros here."""

    def read(self, text: str) -> OriginalMessage:
        _Text("[0-9]{42}").read(text)
        original = OriginalMessage(text[:4], text[4:10], _SENT_AT.read(text[10:20]))
        if original.mti != PurchaseRequest.MTI:
            raise ValueError
        return original

    def write(self, value: OriginalMessage) -> str:
        return f"{value.mti}{value.trace}{value.sent_at}{'0' * 22}"


class _SentAt:
    """DE7: MMDDhhmmss in campus time; any day that some year has."""

    def read(self, text: str) -> str:
        _Text("[0-9]{10}").read(text)
        datetime.strptime(f"2000{text}+0800", "%Y%m%d%H%M%S%z")
        return text

    write = read


_SENT_AT = _SentAt()
_CODECS: Mapping[str, _Codec] = {
    "3": _Text("000000"),
    "4": _Fen(),
    "7": _SENT_AT,
    "11": _Text("[0-9]{6}"),
    "12": _Text("[0-9]{6}"),
    "13": _Text("[0-9]{4}"),
    "37": _Text("[0-9A-Za-z]{12}"),
    "39": _Text("[0-9A-Z]{2}"),
    "41": _Text("[0-9A-Za-z]{8}"),
    "48": _Text("[0-9A-Za-z]{1,64}"),
    "54": _Available(),
    "63": _Words(),
    "90": _Original(),
}


def _de(element: str) -> Any:
    return field(metadata={"de": element})


def _maybe(element: str) -> Any:
    return field(default=None, metadata={"de": element, "optional": True})


# ── messages ─────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class Request:
    """What every request of a terminal carries; (DE41, DE7, DE11) is its key."""

    MTI: ClassVar[str]
    sent_at: str = _de("7")
    trace: str = _de("11")
    terminal: str = _de("41")


@dataclass(frozen=True, kw_only=True)
class SignOn(Request):
    """0800: here I am; asks for the time."""

    MTI = "0800"


@dataclass(frozen=True, kw_only=True)
class PurchaseRequest(Request):
    """0200: take `amount_fen` from the holder of `code`."""

    MTI = "0200"
    processing: str = field(default="000000", metadata={"de": "3"})
    amount_fen: int = _de("4")
    code: str = _de("48")

    def __repr__(self) -> str:
        return f"PurchaseRequest({self.terminal} {self.sent_at} {self.trace} {mask(self.code)})"


@dataclass(frozen=True, kw_only=True)
class ReversalRequest(Request):
    """0400: the sale named by `original` is void, whatever came of it."""

    MTI = "0400"
    original: OriginalMessage = field(metadata={"de": "90"})


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What every reply carries. Echoes are absent where the request had them wrong."""

    MTI: ClassVar[str]
    response_code: str = _de("39")
    sent_at: str | None = _maybe("7")
    trace: str | None = _maybe("11")
    terminal: str | None = _maybe("41")
    text: str | None = _maybe("63")


@dataclass(frozen=True, kw_only=True)
class SignOnReply(Reply):
    """0810: welcome, with the gateway's time (hhmmss) and date (MMDD)."""

    MTI = "0810"
    time: str | None = _maybe("12")
    date: str | None = _maybe("13")


@dataclass(frozen=True, kw_only=True)
class PurchaseReply(Reply):
    """0210: 00 and nothing else means paid."""

    MTI = "0210"
    processing: str | None = _maybe("3")
    amount_fen: int | None = _maybe("4")
    reference: str | None = _maybe("37")
    available_fen: int | None = _maybe("54")


@dataclass(frozen=True, kw_only=True)
class ReversalReply(Reply):
    """0410: 00 means the gateway keeps the reversal and will see it through."""

    MTI = "0410"


Message = Request | Reply
_Kind = TypeVar("_Kind", Request, Reply)
_REQUESTS: Mapping[str, type[Request]] = {
    kind.MTI: kind for kind in (SignOn, PurchaseRequest, ReversalRequest)
}
_REPLIES: Mapping[str, type[Reply]] = {kind.MTI: kind for kind in (SignOnReply, PurchaseReply, ReversalReply)}


# ── bytes ↔ messages ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Envelope:
    """A decoded message whose sender is not proved yet."""

    mti: str
    elements: Mapping[str, str]
    signed: bytes  # what the MAC covers
    mac: bytes | None

    @property
    def claimed_terminal(self) -> str | None:
        return self.elements.get("41")

    def is_from(self, key: bytes) -> bool:
        """Whether whoever made this knows `key`. Constant time in the MAC."""
        return self.mac is not None and hmac.compare_digest(self.mac, mac_of(self.signed, key))


def open_message(message: bytes) -> Envelope:
    """FrameError unless the bytes are one ISO 8583 message, to the last byte."""
    try:
        elements, parts = iso8583.decode(message, _SPEC)
    except (ValueError, KeyError) as error:  # KeyError: a third bitmap
        # The library's exception carries the whole message, payment code included: it goes no further.
        raise FrameError(error.msg if isinstance(error, iso8583.DecodeError) else "unknown element") from None
    before = sum(len(part["len"]) + len(part["data"]) for name, part in parts.items() if _precedes_mac(name))
    mac = parts["64"]["data"] if "64" in parts else None
    signed = message if mac is None else message[:before] + message[before + MAC_BYTES :]
    return Envelope(elements["t"], elements, signed, mac)


def parse_request(envelope: Envelope) -> Request:
    """FormatError, UnknownMessage; the caller has checked the MAC."""
    return _parse(envelope, _REQUESTS)


def parse_reply(envelope: Envelope) -> Reply:
    """FormatError, UnknownMessage; the caller has checked the MAC."""
    return _parse(envelope, _REPLIES)


def encode(message: Message, key: bytes | None) -> bytes:
    """Length, message and, with a key, its MAC in DE64."""
    elements = {"t": message.MTI}
    for declared in fields(message):
        value = getattr(message, declared.name)
        if value is not None:
            name = declared.metadata["de"]
            elements[name] = _CODECS[name].write(value)
    return seal(elements, key)


def seal(elements: Mapping[str, str], key: bytes | None) -> bytes:
    """Length and message of any elements; with a key, DE64 is computed over all that is not DE64."""
    if key is None:
        message, _ = iso8583.encode(dict(elements), _SPEC)
        return with_length(bytes(message))
    blank, parts = iso8583.encode({**elements, "64": "00" * MAC_BYTES}, _SPEC)
    before = sum(len(part["len"]) + len(part["data"]) for name, part in parts.items() if _precedes_mac(name))
    rest = bytes(blank[before + MAC_BYTES :])
    head = bytes(blank[:before])
    return with_length(head + mac_of(head + rest, key) + rest)


def mac_of(signed: bytes, key: bytes) -> bytes:
    """AES-CMAC (RFC 4493), its first 8 bytes."""
    cmac = CMAC(AES(key))
    cmac.update(signed)
    return cmac.finalize()[:MAC_BYTES]


def refuse(envelope: Envelope, response_code: str, text: str) -> Reply:
    """The reply to a request that could not be read, echoing what of it could.

    UnknownMessage when its type has no reply.
    """
    kind = _REPLIES.get(f"{envelope.mti[:2]}{int(envelope.mti[2]) + 1}0") if envelope.mti.isdigit() else None
    if kind is None or envelope.mti in _REPLIES:
        raise UnknownMessage(envelope.mti)
    return kind(
        response_code=response_code,
        text=text,
        sent_at=_read_or_none(envelope, "7"),
        trace=_read_or_none(envelope, "11"),
        terminal=_read_or_none(envelope, "41"),
    )


def sent_at_of(moment: datetime) -> str:
    """DE7 of an aware moment."""
    return moment.astimezone(CAMPUS_TIME).strftime("%m%d%H%M%S")


def local_time(sent_at: str, now: datetime) -> datetime:
    """DE7 in the latest year that puts it at most AHEAD of `now`: a sale of New Year's Eve stays in its year,
    and its reversal, be it ten months late, finds it there."""
    latest = now + AHEAD
    for year in range(latest.year + 1, latest.year - 9, -1):  # a 29 February may be eight years ago
        try:
            moment = datetime.strptime(f"{year}{sent_at}+0800", "%Y%m%d%H%M%S%z")
        except ValueError:
            continue
        if moment <= latest:
            return moment
    raise AssertionError("DE7 was read as a day that some year has")


def mask(code: str) -> str:
    """A payment code as it may be logged: its last four digits."""
    return "…" + code[-4:] if len(code) > 4 else "…"


def _precedes_mac(name: str) -> bool:
    return name in ("h", "t", "p") or int(name) < 64


def _parse(envelope: Envelope, kinds: Mapping[str, type[_Kind]]) -> _Kind:
    kind = kinds.get(envelope.mti)
    if kind is None:
        raise UnknownMessage(envelope.mti)
    values: dict[str, Any] = {}
    for declared in fields(kind):
        name = declared.metadata["de"]
        if name not in envelope.elements:
            if declared.metadata.get("optional"):
                continue
            raise FormatError(name)
        try:
            values[declared.name] = _CODECS[name].read(envelope.elements[name])
        except ValueError:
            raise FormatError(name) from None
    return kind(**values)


def _read_or_none(envelope: Envelope, name: str) -> str | None:
    try:
        text: str = _CODECS[name].read(envelope.elements[name])
    except (KeyError, ValueError):
        return None
    return text
