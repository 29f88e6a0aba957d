"""The rows a school is loaded from: the pretend campus's, or an export of the school's own systems.

One folder, one file a kind (`FILES`), one JSON object a line with exactly the fields of its dataclass below
(those with a default may be left out). Rows name each other by `code` or `number`, never by our ids. Loading
is idempotent: known codes and numbers are brought up to date, history is posted under stable caller ids.
"""

from __future__ import annotations

from dataclasses import dataclass, field


class RowsError(Exception):
    """A row cannot be loaded; the sentence names it and says what is wanted."""


@dataclass(frozen=True, slots=True)
class CampusRow:
    code: str  # "west"
    name: str  # 中专部


@dataclass(frozen=True, slots=True)
class BuildingRow:
    code: str  # "west-03"
    campus: str  # a campus's code
    name: str  # 中专部3栋
    floors: int


@dataclass(frozen=True, slots=True)
class RoomRow:
    code: str  # "west-03-101"
    building: str  # a building's code
    floor: int
    number: str  # 101


@dataclass(frozen=True, slots=True)
class DepartmentRow:
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class ClassRow:
    code: str
    department: str  # a department's code
    name: str


@dataclass(frozen=True, slots=True)
class PersonRow:
    """`id_digits`: the six digits of the query password; only their hash is kept. A row with a
    `wecom_userid` is bound to that login, and its account is opened."""

    number: str  # 学工号
    name: str
    roles: list[str] = field(default_factory=lambda: ["STUDENT"])
    phone: str | None = None
    id_digits: str | None = None
    invented: bool = False  # an invented person's digits get the cheap hash; nobody's real ones may
    department: str | None = None  # a department's code
    class_name: str | None = None  # a class's code
    room: str | None = None  # a room's code
    room_since: str | None = None  # when they moved in, ISO 8601 with its offset; else now
    cares_for: list[str] = field(default_factory=list)  # a counselor's classes, by code
    wecom_userid: str | None = None
    openid: str | None = None
    bound_at: str | None = None  # when it was bound elsewhere before: ISO 8601 with its offset; else now


@dataclass(frozen=True, slots=True)
class MerchantRow:
    code: str  # "danfeng-1-03"
    name: str
    place: str | None = None


@dataclass(frozen=True, slots=True)
class GatewayRow:
    id: str  # "gw_canteen"; chosen where its key is made
    name: str
    public_key: str  # PEM, Ed25519


@dataclass(frozen=True, slots=True)
class TerminalRow:
    number: str  # DE41, eight digits
    merchant: str  # a merchant's code
    gateway: str  # a gateway's id
    place: str | None = None


@dataclass(frozen=True, slots=True)
class MeterRow:
    """A meter installed in a room. One that is known by its number and in the same room stays as it is; otherwise
    its installation there ends, and a new one begins. `remaining_kwh`: of a new one of SERVER_CREDIT, what its room
    has from the system before."""

    number: str  # 表号; DL/T 645: twelve digits
    model: str  # of its gateway's configuration
    protocol: str  # DLT645 | MODBUS
    way: str  # SERVER_CREDIT | METER_CREDIT
    gateway: str  # a gateway's id
    bus: str  # as its gateway calls the line
    room: str | None = None  # a room's code
    id: str | None = None  # chosen where its gateway is configured; else made here
    remaining_kwh: str | None = None


@dataclass(frozen=True, slots=True)
class UsageRow:
    """What a meter's room used on a day before its readings came here. Known days stay."""

    meter: str  # an installed meter's number
    day: str  # 2026-11-23
    kwh: str


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """Something that happened before today, posted through the book. `id` is stable across runs.

    RECHARGE: paid by WeChat into `wallet_type`; CASH_TOP_UP: at the counter; PAYMENT and CARD_TAP: at
    `terminal` (its merchant is paid); CHIP_LOAD: transition to card at `terminal`, below 0 the other way;
    REVERSAL: of the payment `of`, at `terminal`; REFUND: of the recharge `of`, asked and done. In file order,
    oldest first, so that every payment finds the money it spends.
    """

    id: str  # "2002001-0001"
    person: str  # a bound person's number
    kind: str  # RECHARGE | CASH_TOP_UP | PAYMENT | CARD_TAP | CHIP_LOAD | REVERSAL | REFUND
    amount: str  # yuan, above 0 but for a chip load: "12.50"
    occurred_at: str  # RFC 3339 with offset
    terminal: str | None = None  # a terminal's number; what happens at one
    wallet_type: str = "CARD_ACCOUNT"  # RECHARGE only
    of: str | None = None  # the row it takes back: REVERSAL, REFUND


FILES: dict[str, type] = {
    "campuses.jsonl": CampusRow,
    "buildings.jsonl": BuildingRow,
    "rooms.jsonl": RoomRow,
    "departments.jsonl": DepartmentRow,
    "classes.jsonl": ClassRow,
    "people.jsonl": PersonRow,
    "merchants.jsonl": MerchantRow,
    "gateways.jsonl": GatewayRow,
    "terminals.jsonl": TerminalRow,
    "meters.jsonl": MeterRow,
    "usage.jsonl": UsageRow,
    "history.jsonl": HistoryRow,
}
