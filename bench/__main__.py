"""`make bench`: all workloads, A and B in turn, medians and ratios; also `python -m bench --quick`."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from bench import home, pay, polling, usage
from bench.house import MERCHANTS, House, open_house
from bench.load import Result

RESULTS = Path(__file__).parent / "results"
console = Console(width=130)


@dataclass
class Row:
    """One variant of one workload: each round's rate, latencies and CPU."""

    workload: str
    variant: str
    rates: list[float] = field(default_factory=list)
    p50_ms: list[float] = field(default_factory=list)
    p99_ms: list[float] = field(default_factory=list)
    load_cpu: list[float] = field(default_factory=list)  # seconds of the generator's CPU per second
    server_us: list[float] = field(default_factory=list)  # of the server's CPU for one answer, no PostgreSQL
    wrong: int = 0

    def add(self, result: Result | float) -> None:
        if isinstance(result, float):
            self.rates.append(result)
            return
        self.rates.append(result.rate)
        self.p50_ms.append(result.p50_ms)
        self.p99_ms.append(result.p99_ms)
        self.load_cpu.append(result.cpu_s / result.seconds)
        self.server_us.append(result.server_cpu_s / max(1, result.answers + result.wrong) * 1e6)
        self.wrong += result.wrong
        if result.first_wrong:
            console.print(f"[red]{self.workload} · {self.variant}: {result.first_wrong}")


def main() -> None:
    asked = argparse.ArgumentParser(prog="make bench", description=__doc__)
    asked.add_argument("--quick", action="store_true", help="one short round each: does it run?")
    quick = asked.parse_args().quick
    rounds, seconds = (1, 1.0) if quick else (3, 4.0)
    concurrency = (16,) if quick else (1, 16, 64)
    with open_house(lambda text: console.print(f"[dim]{text}")) as house:
        asyncio.run(pay.prepare_pgbench(house))
        rows: list[Row] = []
        for clients in concurrency:
            for tills in (MERCHANTS, 1):
                rows += _measure(
                    f"pay, {tills} merchants, c={clients}", rounds, _pay(house, tills, clients, seconds)
                )
            rows += _measure(f"home, c={clients}", rounds, _home(house, clients, seconds))
            rows += _measure(f"usage, c={clients}", rounds, _usage(house, clients, seconds))
        console.print("[dim]polling …")
        polled = polling.poll(house, *((5.0, 5) if quick else (60.0, 200)))
    _print(rows)
    _print_polled(polled)
    if not quick:
        _write(rows, polled)
    if any(row.wrong for row in rows):
        raise SystemExit("Some answers were wrong; the figures above do not count.")


Round = Callable[[], Result | float]


def _pay(house: House, tills: int, clients: int, seconds: float) -> dict[str, Round]:
    return {
        "pgbench": lambda: pay.pgbench_round(house, tills, clients, seconds),
        "plain route": lambda: pay.plain_round(house, tills, clients, seconds),
        "OneCard": lambda: pay.charge_round(house, tills, clients, seconds),
    }


def _home(house: House, clients: int, seconds: float) -> dict[str, Round]:
    return {
        "plain route": lambda: home.plain_round(house, clients, seconds),
        "OneCard": lambda: home.graphql_round(house, clients, seconds),
    }


def _usage(house: House, clients: int, seconds: float) -> dict[str, Round]:
    return {
        "pgbench": lambda: usage.pgbench_round(house, clients, seconds),
        "OneCard": lambda: usage.graphql_round(house, clients, seconds),
    }


def _measure(workload: str, rounds: int, variants: dict[str, Round]) -> list[Row]:
    """Every variant once per round, in turn, so that a slow minute of the machine hits all of them."""
    console.print(f"[dim]{workload} …")
    rows = {name: Row(workload, name) for name in variants}
    for _ in range(rounds):
        for name, run in variants.items():
            rows[name].add(run())
    return list(rows.values())


def _print(rows: list[Row]) -> None:
    table = Table("workload", "variant", title="medians; ratio to the first variant of the workload")
    for name in ("per second", "ratio", "p50 ms", "p99 ms", "server CPU µs", "generator CPU"):
        table.add_column(name, justify="right")
    first: dict[str, float] = {}
    for row in rows:
        rate = median(row.rates)
        base = first.setdefault(row.workload, rate)
        table.add_row(
            row.workload,
            row.variant,
            f"{rate:,.0f}",
            f"{rate / base:.2f}" if base else "–",
            *(f"{median(column):.1f}" if column else "–" for column in (row.p50_ms, row.p99_ms)),
            f"{median(row.server_us):,.0f}" if row.server_us else "–",
            f"{median(row.load_cpu):.0%}" if row.load_cpu else "–",
        )
    console.print(table)


def _print_polled(polled: polling.Polled) -> None:
    table = Table("polling", title="beside what 9,600 baud and the meters' own pauses allow")
    for name in (
        "exchanges per second",
        "time, of the wire's",
        "worst line",
        "command p50 ms",
        "command p99 ms",
    ):
        table.add_column(name, justify="right")
    table.add_row(
        f"{polled.meters:,} meters, {polled.lines} lines",
        f"{polled.readings_s:,.0f}",
        f"{polled.ratio:.2f}",
        f"{polled.worst_ratio:.2f}",
        f"{polled.command_p50_ms:.0f}",
        f"{polled.command_p99_ms:.0f}",
    )
    console.print(table)


def _write(rows: list[Row], polled: polling.Polled) -> None:
    RESULTS.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    told = {
        "at": now.isoformat(timespec="seconds"),
        "machine": {
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "system": platform.machine(),
        },
        "rows": [vars(row) for row in rows],
        "polling": vars(polled),
    }
    path = RESULTS / f"{now:%Y-%m-%d-%H%M}.json"
    path.write_text(json.dumps(told, indent=1) + "\n")
    console.print(f"Written to {path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}")


if __name__ == "__main__":
    main()
