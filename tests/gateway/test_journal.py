"""The file that outlives a crash: groups, undoing, bounds, one owner."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.gateway_wire import KEY, Wire, sale
from support.stub_api import StubApi
from support.waiting import until

from devices_gateway import journal as module
from devices_gateway.frames.iso8583 import seal, sent_at_of
from devices_gateway.journal import Journal, JournalDamaged, JournalError

CODE = "91234567890123456784"
CAP = 1 << 20


def put(name: str, stopped: int = 1):
    return lambda connection: connection.execute(
        "INSERT INTO device_state (device, stopped, command_sequence) VALUES (?, ?, 1)", (name, stopped)
    )


def names(connection: sqlite3.Connection) -> list[str]:
    return [name for (name,) in connection.execute("SELECT device FROM device_state ORDER BY device")]


async def open_journal(path: Path, cap_bytes: int = CAP) -> Journal:
    journal = Journal(path, cap_bytes)
    await journal.start()
    return journal


async def test_work_that_queues_together_is_committed_together(tmp_path: Path) -> None:
    journal = await open_journal(tmp_path / "journal.db")
    await asyncio.gather(*(journal.run(put(f"{number:04d}")) for number in range(500)))
    assert len(await journal.run(names)) == 500
    assert journal.groups < 100
    await journal.aclose()


async def test_work_that_fails_undoes_itself_alone(tmp_path: Path) -> None:
    journal = await open_journal(tmp_path / "journal.db")

    def half(connection: sqlite3.Connection) -> None:
        put("half")(connection)
        raise ValueError("changed my mind")

    outcomes = await asyncio.gather(
        journal.run(put("a")), journal.run(half), journal.run(put("b")), return_exceptions=True
    )
    assert isinstance(outcomes[1], ValueError)
    assert await journal.run(names) == ["a", "b"]
    await journal.aclose()


async def test_it_is_durable_and_says_how(tmp_path: Path) -> None:
    journal = await open_journal(tmp_path / "journal.db")
    await journal.run(put("a"))
    assert await journal.run(lambda c: c.execute("PRAGMA journal_mode").fetchone()) == ("wal",)
    assert await journal.run(lambda c: c.execute("PRAGMA synchronous").fetchone()) == (2,), "FULL"
    await journal.aclose()
    journal = await open_journal(tmp_path / "journal.db")
    assert await journal.run(names) == ["a"]
    await journal.aclose()
    assert (tmp_path / "journal.db").stat().st_mode & 0o077 == 0


async def test_what_is_queued_when_it_closes_is_kept(tmp_path: Path) -> None:
    journal = await open_journal(tmp_path / "journal.db")
    works = [asyncio.create_task(journal.run(put(f"{number:04d}"))) for number in range(200)]
    await asyncio.sleep(0)
    await journal.aclose()
    await asyncio.gather(*works)
    journal = await open_journal(tmp_path / "journal.db")
    assert len(await journal.run(names)) == 200
    await journal.aclose()


async def test_a_caller_that_leaves_does_not_take_its_work_along(tmp_path: Path) -> None:
    journal = await open_journal(tmp_path / "journal.db")
    leaving = asyncio.create_task(journal.run(put("a")))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await journal.run(names) == ["a"]
    await journal.aclose()


async def test_two_gateways_never_share_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BUSY_TIMEOUT_S", 0.05)
    journal = await open_journal(tmp_path / "journal.db")
    second = Journal(tmp_path / "journal.db", CAP)
    with pytest.raises(JournalError, match="locked"):
        await second.start()
    await second.aclose()
    await journal.aclose()


async def test_a_journal_of_a_newer_gateway_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "journal.db") as connection:
        connection.execute("PRAGMA user_version=99")
    connection.close()
    journal = Journal(tmp_path / "journal.db", CAP)
    with pytest.raises(JournalError, match="newer"):
        await journal.start()
    await journal.aclose()


async def test_what_the_file_cannot_take_fails_alone(tmp_path: Path) -> None:
    """A full disk refuses what grows and still reads: whoever only asks gets an answer."""
    journal = await open_journal(tmp_path / "journal.db")

    def grow(connection: sqlite3.Connection) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    outcomes = await asyncio.gather(
        journal.run(put("a")), journal.run(grow), journal.run(names), return_exceptions=True
    )
    assert isinstance(outcomes[1], JournalError)
    assert outcomes[2] == ["a"]
    await journal.aclose()


async def test_damage_found_while_running_is_the_journals(tmp_path: Path) -> None:
    journal = await open_journal(tmp_path / "journal.db")

    def stumble(connection: sqlite3.Connection) -> None:
        raise sqlite3.DatabaseError("database disk image is malformed")

    with pytest.raises(JournalError, match="malformed"):
        await journal.run(stumble)
    await journal.aclose()


@pytest.mark.parametrize("where", [0, 3 * 4096])
async def test_a_damaged_file_is_not_served_from(tmp_path: Path, where: int) -> None:
    """Its header, or a page of it: what waits in it must be saved, not written over."""
    path = tmp_path / "journal.db"
    journal = await open_journal(path)
    await journal.aclose()
    with path.open("r+b") as file:
        file.seek(where)
        file.write(b"\xff" * 4096)
    before = path.read_bytes()
    journal = Journal(path, CAP)
    with pytest.raises(JournalDamaged):
        await journal.start()
    await journal.aclose()
    assert path.read_bytes() == before


def fill(connection: sqlite3.Connection) -> None:
    """From now on the disk is full."""
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count={pages}")


def mend(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA max_page_count=1073741823")


async def test_a_full_disk_is_said_and_nothing_is_half_kept(tmp_path: Path) -> None:
    journal = await open_journal(tmp_path / "journal.db")
    await journal.run(put("a"))
    await journal.run(fill)
    with pytest.raises(JournalError, match="full"):
        await asyncio.gather(*(journal.run(put(f"{number:05d}" * 100)) for number in range(100)))
    await journal.run(mend)
    await journal.run(put("b"))
    assert (await journal.run(names))[-2:] == ["a", "b"]
    await journal.aclose()


# ── what the till notices ────────────────────────────────────────────────────────────────────────────────


async def test_a_disk_that_fails_after_a_commit_does_not_unsay_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sale whose answer is kept must not be told otherwise: nobody would reverse it."""
    journal = await open_journal(tmp_path / "journal.db")

    def fail(connection: sqlite3.Connection) -> int:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(module, "_live_bytes", fail)
    async with asyncio.timeout(10):
        await journal.run(put("a"))
        assert await journal.run(names) == ["a"]
        await journal.aclose()


async def test_a_group_that_breaks_is_told_and_the_next_one_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = await open_journal(tmp_path / "journal.db")
    commit, breaks = journal._commit, [sqlite3.OperationalError("in a ROLLBACK")]

    def break_once(*group: object) -> object:
        if breaks:
            raise breaks.pop()
        return commit(*group)

    monkeypatch.setattr(journal, "_commit", break_once)
    async with asyncio.timeout(10):
        with pytest.raises(JournalError):
            await journal.run(put("a"))
        await journal.run(put("b"))
        assert await journal.run(names) == ["b"]
        await journal.aclose()


async def test_at_the_cap_new_sales_are_declined_and_money_given_back_is_not(house, api: StubApi) -> None:
    await house.open()
    till = house.terminal()
    assert (await till.pay(CODE, 100)).approved
    house.gateway.journal._cap_bytes = 1
    declined = await till.pay("9" * 20, 100)
    assert (declined.response_code, declined.display) == ("91", "系统繁忙\n没有扣款")
    assert len(api.charges) == 1
    assert (await till.reverse(till.sales[1])).approved
    assert "the journal is nearly full" in (await house.gateway.health()).problems


async def test_at_the_cap_a_known_sale_still_gets_its_answer(house, api: StubApi) -> None:
    await house.open()
    frame = sale(CODE, 100)
    async with await Wire.open(house.gateway.address) as wire:
        first = await wire.ask(frame)
        house.gateway.journal._cap_bytes = 1
        assert await wire.ask(frame) == first


async def test_a_sale_that_cannot_be_journaled_is_not_charged(house, api: StubApi) -> None:
    await house.open()
    await house.gateway.journal.run(fill)
    async with await Wire.open(house.gateway.address) as wire:
        codes = []
        for number in range(60):
            reply = await wire.reply(sale(f"9{number:019d}", 1, trace=number))
            codes.append(reply.response_code)
            if reply.response_code == "96":
                break
    assert codes[-1] == "96"
    assert len(api.charges) == codes.count("00") + codes.count("91")


async def test_a_sale_that_may_be_paid_is_not_declined_by_a_disk_that_fails(house, api: StubApi) -> None:
    """Its first answer was lost, and now the journal cannot be read: "no" would keep the student's money."""
    await house.open()
    run, broken = house.gateway.journal.run, True

    async def fail(work):
        if broken:
            raise JournalError("disk I/O error")
        return await run(work)

    moment = datetime.now(UTC)
    async with await Wire.open(house.gateway.address) as wire:
        assert (await wire.reply(sale(CODE, 1250, moment=moment))).response_code == "00"
        house.gateway.journal.run = fail
        await wire.send(sale(CODE, 1250, moment=moment))
        assert await wire.read() is None, "no answer: the till asks again, then reverses"
    async with await Wire.open(house.gateway.address) as wire:
        assert (await wire.reply(Wire.reversal(moment))).response_code == "96", "and keeps its reversal"
        broken = False
        assert (await wire.reply(Wire.reversal(moment))).response_code == "00"
    await until(lambda: api.paid_fen() == 0, "the reversal")


async def test_an_answer_that_cannot_be_journaled_ends_in_a_reversal(house, api: StubApi) -> None:
    """The charge was done, the disk fills up, the till is told no: the student gets the money back."""
    await house.open()
    run = house.gateway.journal.run
    full = True

    async def refuse_settling(work):
        if full and work.__name__ == "settle":
            raise JournalError("disk full")
        return await run(work)

    house.gateway.journal.run = refuse_settling
    reply = await house.terminal().pay(CODE, 1250)
    assert (reply.response_code, reply.display) == ("91", "系统繁忙\n交易未成功，如已扣款将自动退回")
    assert api.paid_fen() == 1250
    full = False
    assert await house.gateway.sales.give_up_old_ones() == 1
    await until(lambda: api.paid_fen() == 0, "the reversal")


class HungDisk:
    """The journal's disk, which from `begin()` to `end()` answers nobody (of `only` one kind of work)."""

    def __init__(self, journal: Journal, only: str | None = None) -> None:
        self._run = journal.run
        self._only = only
        self._moves = asyncio.Event()
        self._moves.set()
        journal.run = self._wait_and_run

    def begin(self) -> None:
        self._moves.clear()

    def end(self) -> None:
        self._moves.set()

    async def _wait_and_run(self, work):
        if self._only in (None, work.__name__):
            await self._moves.wait()
        return await self._run(work)


async def test_a_disk_that_hangs_before_the_charge_is_not_waited_for(house, api: StubApi) -> None:
    await house.open(answerWithinS=0.2)
    disk = HungDisk(house.gateway.journal)
    moment = datetime.now(UTC)
    disk.begin()
    async with await Wire.open(house.gateway.address) as wire:
        await wire.send(sale(CODE, 1250, moment=moment))
        assert await wire.read() is None, "no answer: the till asks again, then reverses"
    disk.end()
    async with await Wire.open(house.gateway.address) as wire:
        reply = await wire.reply(sale(CODE, 1250, moment=moment))
    assert (reply.response_code, reply.text) == ("91", "系统繁忙\n没有扣款")
    assert api.charges == {}, "its time was up: nobody was asked any more"


async def test_a_disk_that_hangs_after_the_charge_never_says_that_nothing_was_charged(
    house, api: StubApi
) -> None:
    await house.open(answerWithinS=0.2)
    disk = HungDisk(house.gateway.journal)
    settling = HungDisk(house.gateway.journal, only="settle")
    moment = datetime.now(UTC)
    settling.begin()
    async with await Wire.open(house.gateway.address) as wire:
        await wire.send(sale(CODE, 1250, moment=moment))
        assert await wire.read() is None
    assert api.paid_fen() == 1250
    disk.begin()
    async with await Wire.open(house.gateway.address) as wire:
        await wire.send(Wire.reversal(moment))
        assert await wire.read() is None, "whether the reversal will be kept is not known either"
    settling.end()
    disk.end()
    # The till says its reversal again; also if it did not, the one that waited for the disk is sent.
    await until(lambda: api.paid_fen() == 0, "the reversal")
    async with await Wire.open(house.gateway.address) as wire:
        assert (await wire.reply(Wire.reversal(moment))).response_code == "00"
        assert (await wire.reply(sale(CODE, 1250, moment=moment))).response_code == "21"


async def test_a_disk_that_hangs_is_said(house, api: StubApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devices_gateway.gateway.JOURNAL_PATIENCE_S", 0.05)
    await house.open()
    disk = HungDisk(house.gateway.journal)
    disk.begin()
    with pytest.raises(JournalError, match="does not answer"):
        await house.gateway.health()
    disk.end()
    assert (await house.gateway.health()).problems == []


async def test_with_too_much_in_hand_a_paid_sale_is_not_called_unpaid(
    house, api: StubApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.open()
    moment = datetime.now(UTC)
    async with await Wire.open(house.gateway.address) as wire:
        first = await wire.ask(sale(CODE, 1250, moment=moment))
        monkeypatch.setattr("devices_gateway.sessions.pos_sales.MAX_IN_FLIGHT", 0)
        assert await wire.ask(sale(CODE, 1250, moment=moment)) == first
        other = await wire.reply(sale("9" * 20, 1250, moment=moment, trace=44))
    assert (other.response_code, other.text) == ("91", "系统繁忙\n没有扣款")
    assert len(api.charges) == 1


def read_all(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.glob("journal.db*")]


async def test_no_payment_code_of_a_reversal_either(house, api: StubApi, tmp_path: Path) -> None:
    """Some tills repeat the whole sale in its reversal."""
    await house.open()
    moment = sent_at_of(datetime.now(UTC))
    elements = {"t": "0400", "7": moment, "11": "000043", "41": "10000001", "48": CODE}
    frame = seal({**elements, "90": f"0200000042{moment}{'0' * 22}"}, KEY)
    async with await Wire.open(house.gateway.address) as wire:
        assert (await wire.reply(frame)).response_code == "00"
    await house.close()
    kept = b"".join(await asyncio.to_thread(read_all, tmp_path))
    assert CODE.encode() not in kept
    assert CODE.encode().hex().encode() not in kept
    await house.open()


async def test_no_payment_code_reaches_the_disk(house, api: StubApi, tmp_path: Path) -> None:
    await house.open()
    assert (await house.terminal().pay(CODE, 1250)).approved
    await house.close()
    kept = b"".join(await asyncio.to_thread(read_all, tmp_path))
    assert CODE.encode() not in kept
    assert CODE.encode().hex().encode() not in kept
    assert "…6784".encode() in kept or b"\\u20266784" in kept
    await house.open()
