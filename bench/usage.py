"""usage: the daily kWh of 2,000 rooms over 90 days by building, as a dashboard asks; beside the same SQL by pgbench."""

from __future__ import annotations

import json
from datetime import date, timedelta

from bench.dorm import BUILDINGS, DAYS
from bench.house import House, drive
from bench.load import Result
from bench.pay import head, run_pgbench, tokens_of
from onecard.registry.usage import Interval, Scope, UsageBy, usage_statement
from onecard.rules.clock import in_shanghai, system_clock

DOCUMENT = """query BenchUsage($from: Date!, $to: Date!) {
  usage(interval: DAY, by: BUILDING, from: $from, to: $to) { from energy complete building { id name } }
}"""


def graphql_round(house: House, connections: int, seconds: float) -> Result:
    first, last = _span()
    body = json.dumps({"query": DOCUMENT, "variables": {"from": first, "to": last}})
    heads = [f"Authorization: Bearer {token}\r\n" for token in tokens_of(house, house.staff)]
    return drive(
        house.api_port,
        house.api,
        head("/graphql", house.api_port, {}),
        [body] * len(heads),
        f'"基准{BUILDINGS}栋"',
        heads=heads,
        connections=connections,
        seconds=seconds,
        repeat=1,
    )


def pgbench_round(house: House, connections: int, seconds: float) -> float:
    """Answers a second by the database alone: 1,800 rows each."""
    first, last = (date.fromisoformat(day) for day in _span())
    statement, _ = usage_statement(Scope(), UsageBy.BUILDING, Interval.DAY, first, last)
    return run_pgbench(house, "usage", statement + ";", connections, seconds)


def _span() -> tuple[str, str]:
    today = in_shanghai(system_clock()).date()
    return (today - timedelta(days=DAYS)).isoformat(), (today - timedelta(days=1)).isoformat()
