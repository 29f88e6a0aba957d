"""What meters said, kept in the journal until the API has it: the newest of each quarter of an hour.

Sent apart from what is money: in batches, at once for all meters. While the API is away a meter takes one row a
quarter of an hour, whatever it says meanwhile.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Mapping
from typing import Any

import structlog

from devices_gateway.journal import Journal, JournalError
from devices_gateway.transport.api import Api, ApiError

SLOT_S = 900
AT_ONCE = 500  # the API takes no more
SEND_TIMEOUT_S = 20.0
EVERY_S = 1.0
DELAYS_S = (1.0, 30.0)

log = structlog.get_logger(__name__)


class Readings:
    """`keep(…)` from the polls; `run()` sends until cancelled."""

    def __init__(self, journal: Journal, api: Api) -> None:
        self._journal = journal
        self._api = api
        self._some = asyncio.Event()

    async def keep(self, meter: str, at_s: float, message: Mapping[str, Any]) -> None:
        """`message`: a MeterReadingInput. JournalError."""
        text = json.dumps(message)
        await self._journal.run(
            lambda connection: connection.execute(
                "INSERT OR REPLACE INTO reading (meter, slot, message, since_s) VALUES (?, ?, ?, ?)",
                (meter, int(at_s // SLOT_S), text, at_s),
            )
        )
        self._some.set()

    async def run(self) -> None:
        delay_s = DELAYS_S[0]
        while True:
            await self._some.wait()
            self._some.clear()
            try:
                while await self._send():
                    pass
                delay_s = DELAYS_S[0]
            except (ApiError, JournalError, KeyError, TypeError) as error:
                log.warning("readings_not_delivered", reason=f"{type(error).__name__} {error}")
                self._some.set()
                await asyncio.sleep(delay_s)
                delay_s = min(2 * delay_s, DELAYS_S[1])
                continue
            await asyncio.sleep(EVERY_S)  # together with what comes meanwhile

    async def _send(self) -> bool:
        """One batch; whether there may be more."""
        rows = await self._journal.run(_oldest)
        if not rows:
            return False
        messages = [json.loads(message) for _, _, message in rows]
        data = await self._api.call(
            "meter_readings_record", {"input": {"readings": messages}}, SEND_TIMEOUT_S
        )
        answer = data["meterReadingsRecord"]
        if answer["__typename"] != "MeterReadingsRecorded":
            log.error("readings_refused", outcome=answer["__typename"], count=len(rows))
        elif rejected := answer["outcomes"].count("REJECTED"):
            log.warning("readings_rejected", rejected=rejected, of=len(rows))
        await self._journal.run(
            lambda connection: connection.executemany(
                "DELETE FROM reading WHERE meter = ? AND slot = ? AND message = ?", rows
            )
        )
        return len(rows) == AT_ONCE


def _oldest(connection: sqlite3.Connection) -> list[tuple[str, int, str]]:
    return connection.execute(
        "SELECT meter, slot, message FROM reading ORDER BY slot, meter LIMIT ?", (AT_ONCE,)
    ).fetchall()
