"""A dormitory meter that speaks DL/T 645-2007: it counts what runs, switches its relay, takes credit, and cuts a
forbidden appliance off (恶性负载). Its faults are played by `Faults`.

The clock is given, so that tests move it. Energy is kept in mWh, so that a second of a small load counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from devices_gateway.frames.dlt645 import (
    ACTIVE_POWER,
    ANYBODY,
    CONTROL,
    CREDIT,
    CREDIT_COUNT,
    READ,
    READ_ADDRESS,
    REMAINING_ENERGY,
    STATUS_3,
    STATUS_RELAY_OPEN,
    TOTAL_ENERGY,
    WRITE,
    Frame,
    encode_energy,
    encode_power,
    error_reply,
    plain_reply,
    read_reply,
)
from devices_gateway.frames.dlt645_relay import ALLOW_CLOSE, CLOSE, TRIP, Access, action_of
from devices_gateway.frames.meter_line import REPLY, FrameError, bcd, from_bcd

NO_SUCH_DATA, NO_ACCESS, OTHER_ERROR = 0x02, 0x04, 0x01
MWH = 1000  # of a Wh
# This pretend model's own bits of status word 3, as its configuration says.
BIT_CUT, BIT_LOCKED = 8, 9
OVERLOADED_S = 45.0  # so long it is drawn, and can be read, before the meter believes it
RESTORES_AFTER_S = 300.0
REPEATED_WITHIN_S = 3600.0  # a second cut within it stays


@dataclass
class Faults:
    """Each is played until it is switched off, `_next` ones as often as they say."""

    silent: bool = False
    slow_s: float = 0.0  # before it answers
    bad_checksum: bool = False
    wrong_address: bool = False
    noise: bool = False  # bytes of nothing before the answer
    error: int | None = None  # answers every question with this
    relay_stuck: bool = False
    drop_next_reply: int = 0  # does what it is told, and its answer is lost


@dataclass
class Meter:
    """`address`: twelve digits. `prepaid`: it counts down what it was given, and opens at 0."""

    address: str
    access: Access
    clock: Callable[[], float]
    prepaid: bool = False
    total_mwh: int = 0
    remaining_mwh: int = 0
    credit_count: int = 0
    load_w: int = 0
    heater_w: int = 0  # a forbidden appliance that is plugged in
    limit_w: int = 1000  # above it, it is one
    tripped: bool = False
    faults: Faults = field(default_factory=Faults)
    cut_at: float | None = None
    locked: bool = False
    relay_moves: int = 0
    _at: float | None = None
    _rest: float = 0.0
    _first_cut: float | None = None
    _above_since: float | None = None

    @property
    def is_on(self) -> bool:
        return not self.tripped and self.cut_at is None and not self.locked

    @property
    def power_w(self) -> int:
        return self.load_w + self.heater_w if self.is_on else 0

    def run(self) -> None:
        """What has run since the last look."""
        now = self.clock()
        if self._at is not None:
            self._run_for(now - self._at)
        self._at = now
        self._watch(now)

    def answer(self, request: Frame, expected_now: datetime | None = None) -> Frame | None:
        """The reply to a frame on its line; None when it is for another meter, or no question."""
        if request.is_reply or request.address not in (self.address, ANYBODY):
            return None
        self.run()
        if self.faults.error is not None:
            return error_reply(request, self.faults.error)
        try:
            if request.control == READ_ADDRESS:
                return Frame(self.address, READ_ADDRESS | REPLY, bytes.fromhex(self.address)[::-1])
            if request.control == READ:
                return self._read(request)
            if request.control == CONTROL:
                return self._switch(request)
            if request.control == WRITE and request.identifier == CREDIT:
                return self._take_credit(request)
        except (FrameError, ValueError):
            return error_reply(request, OTHER_ERROR)
        return error_reply(request, OTHER_ERROR)

    # ── what it is told ──────────────────────────────────────────────────────────────────────────────────

    def _read(self, request: Frame) -> Frame:
        values: dict[str, Callable[[], bytes]] = {
            TOTAL_ENERGY: lambda: encode_energy(self.total_mwh // MWH),
            ACTIVE_POWER: lambda: encode_power(self.power_w),
            STATUS_3: lambda: self._status().to_bytes(2, "little"),
        }
        if self.prepaid:
            values[REMAINING_ENERGY] = lambda: encode_energy(max(0, self.remaining_mwh) // MWH)
            values[CREDIT_COUNT] = lambda: bcd(self.credit_count, 2)
        value = values.get(request.identifier or "")
        return error_reply(request, NO_SUCH_DATA) if value is None else read_reply(request, value())

    def _switch(self, request: Frame) -> Frame:
        if request.data[:4] != self.access.password:
            return error_reply(request, NO_ACCESS)
        action = action_of(request)
        if action not in (TRIP, ALLOW_CLOSE, CLOSE):
            return error_reply(request, OTHER_ERROR)
        if not self.faults.relay_stuck:
            self.relay_moves += 1
            self.tripped = action == TRIP
            if action != TRIP:  # somebody of the staff looked
                self.cut_at, self.locked, self._first_cut = None, False, None
        return plain_reply(request)

    def _take_credit(self, request: Frame) -> Frame:
        """The energy under its count: the next one is taken, the last one again changes nothing."""
        access, value = request.data[4:8], request.data[12:]
        if access != self.access.password or not self.prepaid:
            return error_reply(request, NO_ACCESS)
        wh, count = from_bcd(value[:4]) * 10, from_bcd(value[4:8])
        if count == self.credit_count + 1:
            self.remaining_mwh += wh * MWH
            self.credit_count = count
        elif count != self.credit_count:
            return error_reply(request, OTHER_ERROR)
        return plain_reply(request)

    def _status(self) -> int:
        bits = (not self.is_on) << STATUS_RELAY_OPEN
        bits |= (self.cut_at is not None and not self.locked) << BIT_CUT
        return int(bits | self.locked << BIT_LOCKED)

    # ── what runs ────────────────────────────────────────────────────────────────────────────────────────

    def _run_for(self, seconds: float) -> None:
        mwh = self._rest + self.power_w * seconds * MWH / 3600
        whole = int(mwh)
        self._rest = mwh - whole
        self.total_mwh += whole
        if self.prepaid:
            self.remaining_mwh -= whole
            if self.remaining_mwh <= 0:
                self.tripped = True

    def _watch(self, now: float) -> None:
        """Cut what is drawn for a while; back after a while; at a repeat it stays."""
        if self.cut_at is not None and not self.locked and now - self.cut_at >= RESTORES_AFTER_S:
            self.cut_at = None
        if not (self.is_on and self.heater_w and self.power_w > self.limit_w):
            self._above_since = None
            return
        self._above_since = now if self._above_since is None else self._above_since
        if now - self._above_since >= OVERLOADED_S:
            self.locked = self._first_cut is not None and now - self._first_cut < REPEATED_WITHIN_S
            self._first_cut = self._first_cut or now
            self.cut_at, self._above_since = now, None
