"""home: the wallets and the last 20 bills with their merchants, beside one SQL query behind a plain route."""

from __future__ import annotations

import json

from bench.house import House, drive
from bench.load import Result
from bench.pay import head, tokens_of

DOCUMENT = """query BenchHome {
  account { id balance available cardBalance transitionBalance electronicAccount held
    bills(first: 20) { edges { node { id kind title amount occurredAt merchant { id name } } } } }
}"""


def graphql_round(house: House, connections: int, seconds: float) -> Result:
    """Every reader asks in turn, with a token of their own: limits are counted by person."""
    body = json.dumps({"query": DOCUMENT})
    heads = [
        f"Authorization: Bearer {token}\r\n"
        for token in tokens_of(house, [reader.login for reader in house.readers])
    ]
    return drive(
        house.api_port,
        house.api,
        head("/graphql", house.api_port, {}),
        [body] * len(heads),
        '"bills"',
        heads=heads,
        connections=connections,
        seconds=seconds,
        repeat=1,
    )


def plain_round(house: House, connections: int, seconds: float) -> Result:
    bodies = [json.dumps({"account": reader.account}) for reader in house.readers]
    return drive(
        house.plain_port,
        house.plain,
        head("/home", house.plain_port, {}),
        bodies,
        '"bills"',
        connections=connections,
        seconds=seconds,
        repeat=1,
    )
