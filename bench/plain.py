"""The limit to compare with: hand-written SQL behind plain Starlette routes, nothing else.

No schema, no login, no limits, no group commit: what is left when everything that is not the database and HTTP
is thrown away. The posting is the ledger's own function, the code is looked up in the same Valkey.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from hashlib import sha256
from typing import Any

import asyncpg
import orjson
from redis.asyncio import Redis
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from onecard.outside.code_store import RedisCodeStore
from onecard.outside.redis_client import open_redis
from onecard.rules.clock import system_clock
from onecard.rules.payment_code import hash_code
from onecard.settings import Settings

POOL = 20

_PAY = """
SELECT outcome, transfer_id FROM ledger_charge(
    ARRAY[$1], ARRAY[$2::bytea], ARRAY[$3], ARRAY[$4::bigint], ARRAY[$5], ARRAY[$6], ARRAY[$7::bytea], ARRAY['POS'],
    ARRAY[$8::timestamptz], ARRAY[NULL::jsonb], 30000, 50000, 0)
"""

_HOME = """
SELECT json_build_object(
    'card', w.card_fen, 'transition', w.transition_fen, 'electronic', w.electronic_fen, 'held', w.held_fen,
    'bills', (SELECT json_agg(b) FROM (
        SELECT t.id, t.kind, t.amount_fen, t.occurred_at, m.name AS merchant
          FROM transfer t LEFT JOIN merchant m ON m.id = t.merchant_id
         WHERE t.account_id = w.id ORDER BY t.id DESC LIMIT 20) b))::text
  FROM wallet_account w WHERE w.id = $1
"""


async def _pay(request: Request) -> Response:
    asked: dict[str, Any] = orjson.loads(await request.body())
    codes: RedisCodeStore = request.app.state.codes
    code_hash = hash_code(asked["code"])
    holder = await codes.find(code_hash)
    assert holder is not None, "the bench put it there"
    terminal, merchant = request.app.state.terminals[asked["terminal"]]
    body = sha256(repr(sorted(asked.items())).encode()).digest()
    row = await request.app.state.pool.fetchrow(
        _PAY,
        f"{terminal}:{asked['id']}",
        body,
        holder.account_id,
        asked["fen"],
        merchant,
        terminal,
        code_hash,
        datetime.fromisoformat(asked["occurredAt"]),
    )
    return Response(orjson.dumps(dict(row)), media_type="application/json")


async def _home(request: Request) -> Response:
    found = await request.app.state.pool.fetchval(_HOME, orjson.loads(await request.body())["account"])
    return Response(found, media_type="application/json")


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    settings = Settings.from_env()
    redis: Redis = open_redis(settings.redis_url)
    async with asyncpg.create_pool(
        settings.database_url,
        min_size=POOL,
        max_size=POOL,
        reset=_keep,
        server_settings={"search_path": settings.school},
    ) as pool:
        rows = await pool.fetch("SELECT number, id, merchant_id FROM terminal")
        app.state.terminals = {row["number"]: (row["id"], row["merchant_id"]) for row in rows}
        app.state.pool = pool
        app.state.codes = RedisCodeStore(redis, settings.school, system_clock)
        yield
    await redis.aclose()


async def _keep(connection: Any) -> None:
    """No reset query on the hot path; nothing here changes a session."""


app = Starlette(
    routes=[Route("/pay", _pay, methods=["POST"]), Route("/home", _home, methods=["POST"])],
    lifespan=_lifespan,
)

if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, port=int(os.environ["BENCH_PLAIN_PORT"]), access_log=False, log_level="warning")
