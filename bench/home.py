"""home: the wallets and the last 20 bills with their merchants, beside one SQL query behind a plain route."""

from __future__ import annotations

import asyncio
import json

import asyncpg

from api.tokens import Tokens, read_or_make_private_key
from bench.house import House, drive
from bench.load import Result
from bench.pay import head
from onecard.rules.clock import system_clock

DOCUMENT = """query BenchHome {
  account { id balance available cardBalance transitionBalance electronicAccount held
    bills(first: 20) { edges { node { id kind title amount occurredAt merchant { id name } } } } }
}"""


def graphql_round(house: House, connections: int, seconds: float) -> Result:
    token = asyncio.run(_token(house))
    body = json.dumps({"query": DOCUMENT})
    lines = head("/graphql", house.api_port, {"Authorization": f"Bearer {token}"})
    return drive(house.api_port, lines, [body], '"bills"', connections=connections, seconds=seconds, repeat=1)


def plain_round(house: House, connections: int, seconds: float) -> Result:
    bodies = [json.dumps({"account": account}) for account in house.readers]
    lines = head("/home", house.plain_port, {})
    return drive(
        house.plain_port, lines, bodies, '"bills"', connections=connections, seconds=seconds, repeat=1
    )


async def _token(house: House) -> str:
    connection = await asyncpg.connect(house.dsn, server_settings={"search_path": "school"})
    try:
        login = await connection.fetchval("SELECT id FROM login WHERE wecom_userid = 'bench-7'")
    finally:
        await connection.close()

    async def nobody(_: str) -> str | None:
        return None

    from onecard.settings import Settings

    settings = Settings.from_env(house.env)
    key = read_or_make_private_key(settings.jwt_key, settings.jwt_key_file)
    return Tokens(key, system_clock, nobody).sign_person(login, scopes=frozenset())
