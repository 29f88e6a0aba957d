"""A house to measure: its own databases, 1,000 people with money, 50 merchants, the real API, the plain routes."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from api.launch import EmbeddedPostgres, EmbeddedValkey
from api.launch.ports import free_ports
from bench import dorm
from bench.load import Result
from onecard.actions.rows import GatewayRow, HistoryRow, MerchantRow, PersonRow, TerminalRow
from sandbox.wechat_keys import environment

PEOPLE = 1_000
READERS = 250  # of them, who have bills to read; each may ask 300 times a minute
MERCHANTS = 50
BILLS_EACH = 21
GATEWAYS = [f"gw_bench_{n}" for n in range(8)]
"""Each may ask 30,000 times a minute; every merchant has a terminal at each of them."""
START_TIMEOUT_S = 60


@dataclass(frozen=True)
class Reader:
    """Somebody with a page of bills."""

    account: str
    login: str


@dataclass
class House:
    env: Mapping[str, str]
    api_port: int
    plain_port: int
    gateway_key: Ed25519PrivateKey
    accounts: list[str]
    readers: list[Reader]
    staff: list[str]  # logins of the utility office
    terminals: list[str]  # those of the first merchant come first; the n-th is at gateway n modulo 8
    api: int  # process ids of the two servers
    plain: int

    @property
    def dsn(self) -> str:
        return self.env["ONECARD_DATABASE_URL"]


@contextmanager
def open_house(say: Any) -> Iterator[House]:
    """Everything started and filled; stopped and removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="onecard-bench-"))
    folder.chmod(0o711)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        postgres = EmbeddedPostgres(folder / "postgres")
        stack.callback(postgres.stop)
        say("PostgreSQL (fsync on) and Valkey …")
        dsn = postgres.start()
        redis_url = stack.enter_context(EmbeddedValkey(folder / "valkey"))
        api_port = free_ports(2)
        plain_port = api_port + 1
        key = Ed25519PrivateKey.generate()
        rows = folder / "rows"
        _write_rows(rows, key)
        env = {
            "PATH": os.environ["PATH"],
            "ONECARD_HOME": str(folder),
            "ONECARD_DATABASE_URL": dsn,
            "ONECARD_REDIS_URL": redis_url,
            "ONECARD_PORT": str(api_port),
            "ONECARD_SANDBOX": "1",
            "BENCH_PLAIN_PORT": str(plain_port),
            **environment(
                folder, "127.0.0.1", free_ports(), api_port
            ),  # nobody listens there: nothing asks WeChat
        }
        say(f"{PEOPLE:,} people with money …")
        _run(env, "-m", "api.cli", "migrate")
        _run(env, "-m", "api.cli", "seed", "--rows", str(rows))
        say("The API and the plain routes …")
        api, plain = (
            _start(stack, env, module, port)
            for module, port in (("api.cli", api_port), ("bench.plain", plain_port))
        )
        _wait(f"http://127.0.0.1:{api_port}/readyz")
        accounts, readers, staff, terminals = asyncio.run(_ids(dsn))
        yield House(env, api_port, plain_port, key, accounts, readers, staff, terminals, api, plain)


def drive(
    port: int,
    server: int,
    head: str,
    bodies: list[str],
    good: str,
    *,
    heads: list[str] | None = None,
    **how: Any,
) -> Result:
    """One round of load on `server` (its process id), in a process of its own.

    `heads`: lines of their own for each body, as many as there are bodies.
    """
    spec = {
        "host": "127.0.0.1",
        "port": port,
        "head": head,
        "heads": heads,
        "bodies": bodies,
        "good": good,
        "server": server,
        **how,
    }
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        input=json.dumps(spec),
        capture_output=True,
        text=True,
        check=True,
    )
    return Result(**json.loads(done.stdout))


def _start(stack: ExitStack, env: Mapping[str, str], module: str, port: int) -> int:
    """The process id, once it listens."""
    argv = [sys.executable, "-m", module, *(["api"] if module == "api.cli" else [])]
    log = stack.enter_context((Path(env["ONECARD_HOME"]) / f"{module}.log").open("wb"))
    process = subprocess.Popen(argv, env=dict(env), stdout=log, stderr=subprocess.STDOUT)

    def stop() -> None:
        process.send_signal(signal.SIGTERM)
        process.wait(30)

    stack.callback(stop)
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process.pid
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise SystemExit(f"{module} did not start:\n{Path(log.name).read_text()[-2000:]}")


def _wait(url: str) -> None:
    with urllib.request.urlopen(url, timeout=10) as reply:
        assert reply.status == 200, url


def _run(env: Mapping[str, str], *argv: str) -> None:
    subprocess.run([sys.executable, *argv], env=dict(env), check=True, stdout=subprocess.DEVNULL)


async def _ids(dsn: str) -> tuple[list[str], list[Reader], list[str], list[str]]:
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "school"})
    try:
        accounts = [
            row["id"]
            for row in await connection.fetch(
                "SELECT id FROM wallet_account WHERE card_fen + transition_fen > 0 ORDER BY id"
            )
        ]
        readers = [
            Reader(row["account_id"], row["login"])
            for row in await connection.fetch(
                "SELECT t.account_id, l.id AS login FROM transfer t JOIN person p ON p.account_id = t.account_id"
                " JOIN login l ON l.person_id = p.id GROUP BY 1, 2 HAVING count(*) > $1",
                BILLS_EACH,
            )
        ]
        terminals = [
            row["number"] for row in await connection.fetch("SELECT number FROM terminal ORDER BY number")
        ]
        staff = [
            row["id"]
            for row in await connection.fetch(
                "SELECT l.id FROM login l JOIN person p ON p.id = l.person_id WHERE 'UTILITY_STAFF' = ANY (p.roles)"
            )
        ]
        await connection.execute(dorm.USE)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
    return accounts, readers, staff, terminals


def _write_rows(folder: Path, key: Ed25519PrivateKey) -> None:
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    now = datetime.now(UTC).isoformat()
    people = [
        PersonRow(
            number=f"{3_000_000 + n}",
            name="基准",
            id_digits="123456",
            invented=True,
            wecom_userid=f"bench-{n}",
            openid=f"bench-openid-{n}",
        )
        for n in range(PEOPLE)
    ]
    terminals = [
        TerminalRow(
            number=f"{20_000_000 + n}",
            merchant=f"bench-{n // len(GATEWAYS)}",
            gateway=GATEWAYS[n % len(GATEWAYS)],
        )
        for n in range(MERCHANTS * len(GATEWAYS))
    ]
    history = [
        row
        for n, person in enumerate(people)
        for row in [
            HistoryRow(f"{person.number}-in", person.number, "RECHARGE", "500.00", now),
            *(
                HistoryRow(
                    f"{person.number}-{k}",
                    person.number,
                    "PAYMENT",
                    "1.00",
                    now,
                    terminal=terminals[(n + k) * len(GATEWAYS) % len(terminals)].number,
                )
                for k in range(BILLS_EACH if n < READERS else 0)
            ),
        ]
    ]
    files: dict[str, list[Any]] = {
        **dorm.rows(GATEWAYS[0]),
        "departments.jsonl": [],
        "classes.jsonl": [],
        "people.jsonl": people + dorm.staff(),
        "merchants.jsonl": [
            *(MerchantRow(f"bench-{n}", f"窗口{n}") for n in range(MERCHANTS)),
            MerchantRow("power", "水电中心"),
        ],
        "gateways.jsonl": [GatewayRow(gateway, "基准网关", pem) for gateway in GATEWAYS],
        "terminals.jsonl": terminals,
        "history.jsonl": history,
    }
    folder.mkdir()
    for name, rows in files.items():
        (folder / name).write_text("".join(json.dumps(asdict(row)) + "\n" for row in rows), "utf-8")
