"""Writes the campus down: rows for `onecard seed`, the gateway's configuration, and whom to log in as.

$ONECARD_HOME/sandbox/rows/*.jsonl   one file a kind, one object a line
$ONECARD_HOME/sandbox/accounts.json  a few people to try, with their query passwords
$ONECARD_HOME/gateway/gateway.json   0600: the gateway's key, its terminals and theirs
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from sandbox.campus.build import Pretend
from sandbox.campus.history import DAYS
from sandbox.campus.id_numbers import query_password
from sandbox.campus.keys import METER_OPERATOR, gateway_key, load_master_key, meter_password, terminal_key
from sandbox.campus.meters import BAUD, PLAIN, PREPAID, MeterSpec
from sandbox.campus.model import SCHOOL_NAME, SHANGHAI, Event, Person
from sandbox.campus.shops import TERMINALS
from sandbox.devices.meter import BIT_CUT, BIT_LOCKED
from sandbox.featured import FEATURED
from sandbox.money import yuan
from sandbox.secret_file import write_secret

MASTER_KEY = "master.key"
GATEWAY_ID = "gw_demo"
GATEWAY_NAME = "演示网关"
TERM_DAYS = 80  # since everybody moved in
ROUND_S = 60  # every meter once a minute: a laptop has other work too
Row = Mapping[str, Any]


def write_campus(pretend: Pretend, home: Path, *, api_url: str, pos_listen: str) -> None:
    """Everything the other processes read; the same campus and master key give the same bytes."""
    master = load_master_key(home / "sandbox" / MASTER_KEY)
    rows = home / "sandbox" / "rows"
    rows.mkdir(parents=True, exist_ok=True)
    for name, content in campus_rows(pretend, master).items():
        text = "".join(_line(row) for row in content)
        (rows / name).write_text(text, "utf-8", newline="\n")
    write_gateway_config(pretend, home, api_url=api_url, pos_listen=pos_listen)
    told = {"school": SCHOOL_NAME, "accounts": try_these(pretend)}
    text = json.dumps(told, ensure_ascii=False, indent=2)
    (home / "sandbox" / "accounts.json").write_text(text + "\n", "utf-8")  # last: it stands for all of them


def try_these(pretend: Pretend) -> list[dict[str, str]]:
    """The people a newcomer is told about."""
    people = [pretend.person(number) for number in FEATURED]
    return [
        {
            "number": person.number,
            "name": person.name,
            "role": person.role.value,
            "queryPassword": query_password(person.id_number),
            "note": FEATURED[person.number],
        }
        for person in people
    ]


def write_gateway_config(pretend: Pretend, home: Path, *, api_url: str, pos_listen: str) -> None:
    master = load_master_key(home / "sandbox" / MASTER_KEY)
    pem = gateway_key(master, GATEWAY_ID).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    config = {
        "gatewayId": GATEWAY_ID,
        "privateKeyPem": pem.decode(),
        "apiUrl": api_url,
        "posListen": pos_listen,
        "terminals": {
            terminal.number: {"macKeyHex": terminal_key(master, terminal.number).hex()}
            for terminal in TERMINALS
        },
        "journal": str(home / "gateway" / "journal.db"),
        "meterModels": meter_models(master),
        "buses": gateway_lines(pretend.meters, pos_listen),
        "meterRoundAtLeastS": ROUND_S,
    }
    write_secret(home / "gateway" / "gateway.json", json.dumps(config, indent=2).encode() + b"\n")


def meter_models(master: bytes) -> Row:
    """What the gateway is told of the pretend meters."""
    shared = {
        "protocol": "DLT645",
        "relay": {
            "payload": "standard",
            "passwordHex": meter_password(master).hex(),
            "operatorHex": METER_OPERATOR.hex(),
        },
        "statusBits": {str(BIT_CUT): "MALICIOUS_CUT", str(BIT_LOCKED): "MALICIOUS_LOCKED"},
    }
    return {PLAIN: shared, PREPAID: {**shared, "prepaid": True}}


def gateway_lines(meters: Iterable[MeterSpec], pos_listen: str) -> list[dict[str, Any]]:
    """The lines behind their serial servers, which listen one after the other above the terminals' port."""
    host, _, port = pos_listen.rpartition(":")
    lines: dict[int, list[MeterSpec]] = {}
    for meter in meters:
        lines.setdefault(meter.line, []).append(meter)
    return [
        {
            "name": hung[0].bus,
            "host": "127.0.0.1" if host == "0.0.0.0" else host,  # noqa: S104 - recognised, not bound
            "port": int(port) + 1 + line,
            "baud": BAUD,
            "meters": [{"id": meter.id, "number": meter.number, "model": meter.model} for meter in hung],
        }
        for line, hung in sorted(lines.items())
    ]


def campus_rows(pretend: Pretend, master: bytes) -> dict[str, Iterable[Row]]:
    """File name → its rows, in the shapes `onecard seed` loads."""
    students = [person for person in pretend.people if person.class_name]
    departments = list(dict.fromkeys(person.department for person in pretend.people))
    classes = dict.fromkeys((person.class_name, person.department) for person in students)
    bound_at = datetime.combine(pretend.today - timedelta(days=DAYS + 1), time(9), SHANGHAI)
    moved_in = datetime.combine(pretend.today - timedelta(days=TERM_DAYS), time(14), SHANGHAI)
    public = gateway_key(master, GATEWAY_ID).public_key()
    public_pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return {
        "campuses.jsonl": [{"code": campus.code, "name": campus.name} for campus in pretend.campuses],
        "buildings.jsonl": [
            {"code": house.code, "campus": house.campus, "name": house.name, "floors": house.floors}
            for house in pretend.buildings
        ],
        "rooms.jsonl": [
            {"code": room.code, "building": room.building, "floor": room.floor, "number": room.number}
            for room in pretend.rooms
        ],
        "departments.jsonl": [{"code": name, "name": name} for name in departments],
        "classes.jsonl": [{"code": name, "department": home, "name": name} for name, home in classes],
        "people.jsonl": [
            _person(
                person, bound_at.isoformat() if person.number in pretend.bound else None, moved_in.isoformat()
            )
            for person in pretend.people
        ],
        "merchants.jsonl": [
            *({"code": shop.code, "name": shop.name, "place": shop.place} for shop in pretend.merchants),
            {"code": "power", "name": "水电中心"},
        ],
        "gateways.jsonl": [{"id": GATEWAY_ID, "name": GATEWAY_NAME, "public_key": public_pem}],
        "terminals.jsonl": [
            {
                "number": terminal.number,
                "merchant": terminal.merchant,
                "gateway": GATEWAY_ID,
                "place": terminal.place,
            }
            for terminal in pretend.terminals
        ],
        "meters.jsonl": [
            {
                "id": meter.id,
                "number": meter.number,
                "model": meter.model,
                "protocol": "DLT645",
                "way": "METER_CREDIT" if meter.prepaid else "SERVER_CREDIT",
                "gateway": GATEWAY_ID,
                "bus": meter.bus,
                "room": meter.room,
                "remaining_kwh": None if meter.prepaid else meter.remaining_kwh,
            }
            for meter in pretend.meters
        ],
        "usage.jsonl": [
            {"meter": number, "day": day.isoformat(), "kwh": kwh} for number, day, kwh in pretend.use
        ],
        "history.jsonl": [_event(event) for event in pretend.history],
    }


def _person(person: Person, bound_at: str | None, moved_in: str) -> Row:
    return {
        "number": person.number,
        "name": person.name,
        "roles": [person.role.value],
        "phone": person.phone,
        "id_digits": query_password(person.id_number),
        "invented": True,
        "department": person.department,
        "class_name": person.class_name,
        "room": person.room,
        "room_since": moved_in if person.room else None,
        "cares_for": list(person.classes),
        "wecom_userid": person.number if bound_at else None,
        "bound_at": bound_at,
    }


def _event(event: Event) -> Row:
    row: dict[str, Any] = {
        "id": event.key,
        "person": event.person,
        "kind": event.kind.value,
        "amount": yuan(event.amount_fen),
        "occurred_at": event.at.isoformat(),
    }
    if event.terminal:
        row["terminal"] = event.terminal
    if event.wallet_type:
        row["wallet_type"] = event.wallet_type
    if event.of:
        row["of"] = event.of
    return row


def _line(row: Row) -> str:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n"
