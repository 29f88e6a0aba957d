"""The canteen's terminals as a card: type an amount, read a code, take a sale back, break the line."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from sandbox.campus.model import SHANGHAI
from sandbox.devices.fleet import PosFleet
from sandbox.devices.pos import PosResult, PosTerminal, SaleState, TerminalState
from sandbox.playground.card import CardError, Json, Verb, need_choice, need_fen, need_text
from sandbox.playground.frame_view import view_frame

FRAMES_KEPT = 40  # per terminal: signing on takes two a minute
REPLY_TIMEOUT_S = 5.0  # a newcomer who loses a reply does not wait a till's ten seconds
LONGEST_CODE = 64  # DE48
_OUTCOMES = {
    TerminalState.APPROVED: "OK",
    TerminalState.DECLINED: "REFUSED",
    TerminalState.OFFLINE: "UNKNOWN",
}
_FAULTS = {"dropReply": "drop_next_reply", "dropRequest": "drop_next_request", "wrongMac": "corrupt_mac"}


@dataclass(frozen=True, slots=True)
class Till:
    """Where a terminal stands and what proves its messages."""

    number: str
    merchant: str
    place: str
    mac_key: bytes


@dataclass(slots=True)
class _Said:
    """What its loudspeaker said last, and how often it spoke."""

    voice: str = ""
    times: int = 0


class PosCard:
    name = "pos"

    def __init__(
        self, tills: Sequence[Till], host: str, port: int, *, reply_timeout_s: float = REPLY_TIMEOUT_S
    ) -> None:
        self._tills = {till.number: till for till in tills}
        self._said = {number: _Said() for number in self._tills}
        self._frames: dict[str, deque[Json]] = {number: deque(maxlen=FRAMES_KEPT) for number in self._tills}
        self._numbers = count(1)
        self._changed: Callable[[], None] = lambda: None
        self._running = AsyncExitStack()
        self._calls: set[asyncio.Task[bool]] = set()
        self._fleet = PosFleet(
            {till.number: till.mac_key for till in tills},
            host,
            port,
            places={till.number: till.place for till in tills},
            reply_timeout_s=reply_timeout_s,
            on_change=lambda _: self._changed(),
            on_frame=self._see_frame,
        )
        self.verbs: Mapping[str, Verb] = {
            "pay": self._pay,
            "reverse": self._reverse,
            "fault": self._break,
            "cable": self._cable,
            "frames": self._show_frames,
        }

    @classmethod
    def from_home(cls, home: Path) -> PosCard:
        """The terminals of the pretend campus, calling the gateway where its configuration says it listens."""
        config = json.loads((home / "gateway" / "gateway.json").read_text("utf-8"))
        rows = home / "sandbox" / "rows"
        merchants = {row["code"]: row["name"] for row in _read_rows(rows / "merchants.jsonl")}
        tills = [
            Till(
                row["number"],
                merchants[row["merchant"]],
                row["place"],
                bytes.fromhex(config["terminals"][row["number"]]["macKeyHex"]),
            )
            for row in _read_rows(rows / "terminals.jsonl")
        ]
        host, _, port = config["posListen"].rpartition(":")
        return cls(tills, host, int(port))

    async def start(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        await self._running.enter_async_context(self._fleet)

    async def aclose(self) -> None:
        self._changed = lambda: None
        for call in self._calls:
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)
        await self._running.aclose()

    def state(self) -> Json:
        return {"terminals": [self._show(terminal) for terminal in self._fleet]}

    # ── verbs ────────────────────────────────────────────────────────────────────────────────────────────

    async def _pay(self, body: Mapping[str, Any]) -> Json:
        terminal = self._free(body)
        code = need_text(body, "code", longest=LONGEST_CODE)
        if not (code.isascii() and code.isalnum()):
            raise CardError("付款码只能是数字和字母")
        return self._speak(terminal, await terminal.pay(code, need_fen(body, "amountFen")))

    async def _reverse(self, body: Mapping[str, Any]) -> Json:
        terminal = self._free(body)
        if self._last_sale_fen(terminal) is None:
            raise CardError("没有可以撤销的交易")
        return self._speak(terminal, await terminal.reverse())

    async def _break(self, body: Mapping[str, Any]) -> None:
        terminal = self._find(body)
        fault = _FAULTS[need_choice(body, "fault", _FAULTS)]
        on = body.get("on") is True
        setattr(terminal.faults, fault, on if fault == "corrupt_mac" else int(on))
        self._changed()

    async def _cable(self, body: Mapping[str, Any]) -> None:
        """Out: the terminal finds out at once, as a till with a link light does. In: it signs on again."""
        terminal = self._find(body)
        plugged = body.get("plugged") is True
        terminal.faults.unplugged = not plugged
        self._note(terminal.number, "插上网线" if plugged else "拔掉网线")
        if not plugged:
            await terminal.aclose()  # waits for the sale in hand
        call = asyncio.create_task(terminal.sign_on())
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)

    async def _show_frames(self, body: Mapping[str, Any]) -> Json:
        return {"frames": list(self._frames[self._find(body).number])}

    # ── looking ──────────────────────────────────────────────────────────────────────────────────────────

    def _find(self, body: Mapping[str, Any]) -> PosTerminal:
        number = need_text(body, "terminal")
        if number not in self._tills:
            raise CardError("没有这台收银机")
        return self._fleet[number]

    def _free(self, body: Mapping[str, Any]) -> PosTerminal:
        terminal = self._find(body)
        if terminal.state is TerminalState.WAITING:
            raise CardError("上一笔还在处理，请稍候")
        return terminal

    def _show(self, terminal: PosTerminal) -> Json:
        till, said, faults = self._tills[terminal.number], self._said[terminal.number], terminal.faults
        offline = terminal.state is TerminalState.OFFLINE
        frames = self._frames[terminal.number]
        return {
            "number": till.number,
            "merchant": till.merchant,
            "place": till.place,
            "link": "UNPLUGGED" if faults.unplugged else "DOWN" if offline else "UP",
            "busy": terminal.state is TerminalState.WAITING,
            "outcome": _OUTCOMES.get(terminal.state, "IDLE"),
            "display": terminal.display.split("\n"),
            "voice": said.voice,
            "spoken": said.times,
            "lastSaleFen": self._last_sale_fen(terminal),
            "faults": {name: bool(getattr(faults, kept)) for name, kept in _FAULTS.items()},
            "newestFrame": frames[0]["n"] if frames else 0,
        }

    def _last_sale_fen(self, terminal: PosTerminal) -> int | None:
        newest = terminal.sales[0] if terminal.sales else None
        return newest.amount_fen if newest and newest.state is SaleState.APPROVED else None

    def _speak(self, terminal: PosTerminal, result: PosResult) -> Json:
        said = self._said[terminal.number]
        said.voice, said.times = result.voice, said.times + 1
        self._changed()
        return {
            "responseCode": result.response_code,
            "approved": result.approved,
            "display": result.display,
            "attempts": result.attempts,
        }

    # ── the log ──────────────────────────────────────────────────────────────────────────────────────────

    def _see_frame(self, number: str, direction: str, message: bytes) -> None:
        faults = self._fleet[number].faults
        shown = view_frame(message).as_json()
        sent = direction == "→"
        if sent and self._was_sent_before(number, shown):
            self._note(number, "没有等到应答，用同一流水号重发")
        self._keep(number, {**shown, "direction": "OUT" if sent else "IN"})
        if sent and faults.corrupt_mac:
            self._note(number, "故障：这个报文的 MAC 是错的")
        if sent and faults.drop_next_request:
            self._note(number, "故障：这个请求丢在了路上")
        if not sent and faults.drop_next_reply:
            self._note(number, "故障：这个应答丢在了路上")
        self._changed()

    def _was_sent_before(self, number: str, shown: Mapping[str, Any]) -> bool:
        """The newest request in the log is this one: same type, same time, same trace."""
        newest = next((frame for frame in self._frames[number] if frame["direction"] == "OUT"), None)
        return newest is not None and newest["fields"] == shown["fields"]

    def _note(self, number: str, text: str) -> None:
        self._keep(number, {"direction": "NOTE", "title": text, "hex": "", "fields": []})

    def _keep(self, number: str, entry: Json) -> None:
        at = datetime.now(SHANGHAI).isoformat(timespec="milliseconds")
        self._frames[number].appendleft({"n": next(self._numbers), "at": at, **entry})


def _read_rows(file: Path) -> list[Json]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]
