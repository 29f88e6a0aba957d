"""pay: `paymentCodeCharge` over HTTP keep-alive, beside the plain route and pgbench of the same posting."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import jwt

from api.launch.folder import ServerFolder
from api.launch.postgres import find_binaries
from api.tokens import Tokens, read_or_make_private_key
from bench.house import GATEWAYS, House, drive
from bench.load import Result
from onecard.outside.code_store import CodeHolder, RedisCodeStore
from onecard.outside.redis_client import open_redis
from onecard.rules.clock import system_clock
from onecard.rules.payment_code import hash_code, new_code
from onecard.settings import Settings

DOCUMENT = Path(__file__).parent.parent / "devices_gateway" / "documents" / "payment_code_charge.graphql"
FEN = 1
CODES_PER_SECOND = 4_000  # more than anything here can spend

_PGBENCH = r"""
\set who random(1, :people)
SELECT outcome FROM ledger_charge(
    ARRAY['bench:' || gen_random_uuid()], ARRAY[sha256(:who::text::bytea)],
    ARRAY[(SELECT id FROM bench_account WHERE n = :who::integer)], ARRAY[1::bigint],
    ARRAY[(SELECT merchant FROM bench_till WHERE n = 1 + :who::integer % :tills::integer)], ARRAY['bench'],
    ARRAY[sha256(gen_random_uuid()::text::bytea)], ARRAY['POS'], ARRAY[now()], ARRAY[NULL::jsonb],
    30000, 50000, 0);
"""


def charge_round(house: House, tills: int, connections: int, seconds: float) -> Result:
    """Ours: trusted document, gateway tokens, codes in Valkey."""
    terminals = house.terminals[: tills * len(GATEWAYS)]
    document = "sha256:" + sha256(DOCUMENT.read_text("utf-8").strip().encode()).hexdigest()
    bodies = [
        json.dumps(
            {
                "documentId": document,
                "variables": {
                    "input": {
                        "id": str(uuid4()),
                        "code": code,
                        "amount": "0.01",
                        "terminal": terminals[n % len(terminals)],
                        "occurredAt": datetime.now(UTC).isoformat(),
                    }
                },
            }
        )
        for n, code in enumerate(_codes(house, seconds))
    ]
    tokens = [_token(house, gateway) for gateway in GATEWAYS]
    return drive(
        house.api_port,
        house.api,
        head("/graphql", house.api_port, {}),
        bodies,
        "PaymentCodeCharged",
        heads=[f"Authorization: Bearer {tokens[n % len(tokens)]}\r\n" for n in range(len(bodies))],
        connections=connections,
        seconds=seconds,
        repeat=0,
    )


def plain_round(house: House, tills: int, connections: int, seconds: float) -> Result:
    terminals = house.terminals[: tills * len(GATEWAYS)]
    bodies = [
        json.dumps(
            {
                "id": str(uuid4()),
                "code": code,
                "fen": FEN,
                "terminal": terminals[n % len(terminals)],
                "occurredAt": datetime.now(UTC).isoformat(),
            }
        )
        for n, code in enumerate(_codes(house, seconds))
    ]
    lines = head("/pay", house.plain_port, {})
    return drive(
        house.plain_port,
        house.plain,
        lines,
        bodies,
        "POSTED",
        connections=connections,
        seconds=seconds,
        repeat=0,
    )


def pgbench_round(house: House, tills: int, connections: int, seconds: float) -> float:
    """Postings a second by the database alone."""
    return run_pgbench(
        house,
        "pay",
        _PGBENCH,
        connections,
        seconds,
        *("-D", f"people={len(house.accounts)}", "-D", f"tills={tills}"),
    )


def run_pgbench(house: House, name: str, script: str, connections: int, seconds: float, *more: str) -> float:
    """How often a second `script` runs through, prepared, on so many connections."""
    dsn = urlsplit(house.dsn)
    home = Path(house.env["ONECARD_HOME"])
    path = home / f"{name}.pgbench"
    path.write_text(script)
    pgbench = find_binaries(ServerFolder(home / "postgres")).bin / "pgbench"
    done = subprocess.run(
        [
            str(pgbench),
            *("-h", str(dsn.hostname), "-p", str(dsn.port), "-U", str(dsn.username)),
            *("-n", "-M", "prepared", "-c", str(connections), "-j", "1", "-T", str(int(seconds))),
            *(*more, "-f", str(path)),
            dsn.path.lstrip("/"),
        ],
        env={**os.environ, "PGPASSWORD": str(dsn.password), "PGOPTIONS": "-c search_path=school"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    assert found, done.stdout
    return float(found[1])


async def prepare_pgbench(house: House) -> None:
    connection = await asyncpg.connect(house.dsn, server_settings={"search_path": "school"})
    try:
        await connection.execute(
            "CREATE TABLE bench_account AS SELECT row_number() OVER (ORDER BY id) AS n, id FROM wallet_account"
            " WHERE card_fen + transition_fen > 0;"
            "ALTER TABLE bench_account ADD PRIMARY KEY (n);"
            "CREATE TABLE bench_till AS SELECT row_number() OVER (ORDER BY min(number)) AS n, merchant_id AS merchant"
            " FROM terminal GROUP BY merchant_id; ALTER TABLE bench_till ADD PRIMARY KEY (n);"
            "ANALYZE bench_account, bench_till"
        )
    finally:
        await connection.close()


def _token(house: House, gateway: str) -> str:
    now = int(time.time())
    claims = {
        "iss": gateway,
        "sub": gateway,
        "aud": "onecard",
        "typ": "gateway",
        "iat": now,
        "exp": now + 600,
    }
    return jwt.encode(claims, house.gateway_key, algorithm="EdDSA", headers={"kid": gateway})


def tokens_of(house: House, logins: list[str]) -> list[str]:
    """Of people, each of whom is limited by themselves."""

    async def nobody(_: str) -> str | None:
        return None

    settings = Settings.from_env(house.env)
    tokens = Tokens(read_or_make_private_key(settings.jwt_key, settings.jwt_key_file), system_clock, nobody)
    return [tokens.sign_person(login) for login in logins]


def _codes(house: House, seconds: float) -> list[str]:
    return asyncio.run(_put_codes(house, int(CODES_PER_SECOND * seconds)))


async def _put_codes(house: House, count: int) -> list[str]:
    redis = open_redis(house.env["ONECARD_REDIS_URL"])
    store = RedisCodeStore(redis, "school", system_clock)
    now = system_clock()
    codes = [new_code() for _ in range(count)]
    try:
        for start in range(0, count, 50):
            await asyncio.gather(
                *(
                    store.put(
                        hash_code(code),
                        CodeHolder(
                            house.accounts[(start + n) % len(house.accounts)],
                            "基*",
                            now,
                            now + timedelta(minutes=5),
                        ),
                    )
                    for n, code in enumerate(codes[start : start + 50])
                )
            )
    finally:
        await redis.aclose()
    return codes


def head(path: str, port: int, more: Mapping[str, str]) -> str:
    fields: dict[str, Any] = {
        "Host": f"127.0.0.1:{port}",
        "Content-Type": "application/json",
        "Accept": "application/graphql-response+json, application/json",
        **more,
    }
    return f"POST {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items())
