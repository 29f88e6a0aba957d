"""The bank's own part: agreements, and debits by them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from support.signed_platforms import (
    Debited,
    FakeDebited,
    SandboxDebited,
    connected,
    refused,
    sandbox_world,
)

from onecard.outside.bank import AgreementState
from onecard.outside.bank_http import BankHttp
from onecard.outside.payments import PaymentNotice, PaymentState
from onecard.outside.providers import ProviderUnavailable
from onecard.rules.kinds import DeclineReason
from sandbox.bank.app import Bank
from sandbox.signed_platform.book import Row

AGREEMENT = "AGR00000001"
NUMBER = "RCH00000001"
SIGNED = {
    "outAgreementNo": AGREEMENT,
    "state": "SIGNED",
    "agreementId": "AG1",
    "bankName": "临江银行",
    "lastFour": "0001",
    "onceLimitFen": 50_000,
    "dayLimitFen": 100_000,
    "signedAt": "2026-11-23T12:00:00+08:00",
}


@pytest.fixture(params=["fake", "sandbox"])
async def bank(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Debited]:
    if request.param == "fake":
        yield FakeDebited()
        return
    async with sandbox_world(tmp_path, SandboxDebited) as world:
        yield world


class TestAgreements:
    async def test_is_asked_for_again_until_it_is_signed(self, bank: Debited) -> None:
        first = await bank.open()
        assert first.startswith("http")
        assert await bank.open() == first
        assert await refused(bank.open(holder="周一鸣")) == "INVALID_REQUEST"
        status = await bank.port.query_agreement(AGREEMENT)
        assert (status.state, status.agreement_id) == (AgreementState.SIGNING, None)
        await bank.sign(AGREEMENT)
        assert await refused(bank.open()) == "AGREEMENT_SIGNED"

    async def test_says_what_was_agreed(self, bank: Debited) -> None:
        await bank.signed()
        status = await bank.port.query_agreement(AGREEMENT)
        assert (status.state, status.last_four) == (AgreementState.SIGNED, "0001")
        assert (status.once_limit_fen, status.day_limit_fen) == (50_000, 100_000)
        assert status.bank_name
        assert status.signed_at is not None
        assert status.signed_at.tzinfo is not None
        assert status.agreement_id
        assert status.agreement_id not in repr(status)

    async def test_ends_when_nobody_signs_in_time(self, bank: Debited) -> None:
        await bank.open()
        bank.clock.offset_s += 1_801
        assert (await bank.port.query_agreement(AGREEMENT)).state is AgreementState.ENDED
        assert await refused(bank.open()) == "AGREEMENT_ENDED"

    @pytest.mark.parametrize("by_holder", [True, False])
    async def test_nothing_is_debited_after_its_end(self, bank: Debited, by_holder: bool) -> None:
        agreement_id = await bank.signed()
        if by_holder:
            await bank.end_by_holder(AGREEMENT)
        for _ in range(2):
            await bank.port.end_agreement(AGREEMENT)
        status = await bank.port.query_agreement(AGREEMENT)
        assert (status.state, status.agreement_id) == (AgreementState.ENDED, None)
        assert await refused(bank.open()) == "AGREEMENT_ENDED"
        for _ in range(2):
            debit = await bank.debit(agreement_id)
            assert (debit.state, debit.declined) == (PaymentState.PAYERROR, DeclineReason.AGREEMENT_ENDED)

    async def test_the_bank_need_not_have_heard_of_what_ends(self, bank: Debited) -> None:
        await bank.port.end_agreement("AGR00000009")
        assert (await bank.port.query_agreement("AGR00000009")).state is AgreementState.UNKNOWN


class TestDebits:
    async def test_acts_once(self, bank: Debited) -> None:
        agreement_id = await bank.signed()
        first = await bank.debit(agreement_id)
        assert (first.state, first.paid_fen) == (PaymentState.SUCCESS, 3_000)
        bank.clock.offset_s += 61
        assert await bank.debit(agreement_id, lasts_s=-1) == first
        assert await bank.port.query(NUMBER) == first
        assert await refused(bank.debit(agreement_id, fen=3_001)) == "INVALID_REQUEST"
        assert await refused(bank.debit(await bank.signed("AGR00000002"))) == "INVALID_REQUEST"

    async def test_of_a_card_with_too_little(self, bank: Debited) -> None:
        agreement_id = await bank.signed(card="poor")
        for _ in range(2):
            debit = await bank.debit(agreement_id)
            assert debit.state is PaymentState.PAYERROR
            assert debit.declined is DeclineReason.INSUFFICIENT_FUNDS
        assert await bank.port.query(NUMBER) == debit

    async def test_above_what_was_agreed(self, bank: Debited) -> None:
        agreement_id = await bank.signed()

        async def declined(number: str, fen: int) -> DeclineReason | None:
            return (await bank.debit(agreement_id, number, fen)).declined

        assert await declined("RCH1", 50_001) is DeclineReason.LIMIT_EXCEEDED
        assert await declined("RCH2", 50_000) is None
        assert await declined("RCH3", 49_999) is None
        assert await declined("RCH4", 2) is DeclineReason.LIMIT_EXCEEDED
        assert await declined("RCH5", 1) is None

    async def test_known_later(self, bank: Debited) -> None:
        agreement_id = await bank.signed(card="slow")
        for _ in range(2):
            assert (await bank.debit(agreement_id)).state is PaymentState.USERPAYING
        with pytest.raises(ProviderUnavailable):
            await bank.port.close(NUMBER)
        await bank.settle(NUMBER)
        assert (await bank.debit(agreement_id)).state is PaymentState.SUCCESS
        assert await refused(bank.port.close(NUMBER)) == "ORDERPAID"

    async def test_that_comes_too_late_is_not_begun(self, bank: Debited) -> None:
        agreement_id = await bank.signed()
        assert await refused(bank.debit(agreement_id, lasts_s=-1)) == "ORDER_CLOSED"
        assert await refused(bank.debit(agreement_id)) == "ORDER_CLOSED"
        assert (await bank.port.query(NUMBER)).paid_fen is None

    async def test_that_was_closed_is_not_begun_again(self, bank: Debited) -> None:
        agreement_id = await bank.signed(card="poor")
        await bank.debit(agreement_id)
        for _ in range(2):
            await bank.port.close(NUMBER)
        assert (await bank.port.query(NUMBER)).state is PaymentState.CLOSED
        assert await refused(bank.debit(agreement_id)) == "ORDER_CLOSED"


class TestTheFake:
    @pytest.mark.parametrize("reason", DeclineReason)
    @pytest.mark.parametrize("late", [True, False])
    async def test_declines_as_it_is_told(self, reason: DeclineReason, late: bool) -> None:
        bank = FakeDebited()
        agreement_id = await bank.signed()
        if late:
            bank.port.late = True
            await bank.debit(agreement_id)
            bank.port.finish_debit(NUMBER, reason)
        else:
            bank.port.declines = reason
        assert (await bank.debit(agreement_id)).declined is reason


class TestTheRealPart:
    @pytest.fixture
    async def told(self, tmp_path: Path) -> AsyncIterator[tuple[Row, BankHttp]]:
        """What the bank answers to every question, and who asks."""
        answer: Row = {}

        class Sly(Bank):
            async def _open(self, request: Request, body: bytes) -> Row:
                return answer

            _agreement = _debit = _open

        async with connected(tmp_path, Sly(tmp_path), BankHttp, now, []) as port:
            yield answer, port

    async def test_sends_the_browser_to_the_web_alone(self, told: tuple[Row, BankHttp]) -> None:
        answer, port = told
        answer["signUrl"] = "javascript:alert(1)"
        with pytest.raises(ProviderUnavailable, match="signUrl"):
            await port.open_signing(AGREEMENT, "林小满", now(), "http://x")

    async def test_reads_an_agreement(self, told: tuple[Row, BankHttp]) -> None:
        answer, port = told
        answer.update(SIGNED)
        assert (await port.query_agreement(AGREEMENT)).agreement_id == "AG1"

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("outAgreementNo", "AGR00000002"),
            ("state", "UNKNOWN"),
            ("state", None),
            ("agreementId", ""),
            ("bankName", None),
            ("lastFour", "6222020000000001"),
            ("lastFour", "001"),
            ("lastFour", "１２３４"),
            ("lastFour", 1234),
            ("onceLimitFen", 0),
            ("onceLimitFen", "50000"),
            ("dayLimitFen", 1e5),
            ("dayLimitFen", 10**12),
            ("signedAt", "2026-11-23T12:00:00"),
        ],
    )
    async def test_takes_no_agreement_of_another_form(
        self, told: tuple[Row, BankHttp], name: str, value: Any
    ) -> None:
        answer, port = told
        answer.update(SIGNED | {name: value})
        with pytest.raises(ProviderUnavailable) as problem:
            await port.query_agreement(AGREEMENT)
        assert "6222" not in str(problem.value)

    @pytest.mark.parametrize("reason", [None, "CARD_LOST", 7, "REFUSED"])
    async def test_takes_a_reason_it_does_not_know_for_a_refusal(
        self, told: tuple[Row, BankHttp], reason: object
    ) -> None:
        answer, port = told
        answer.update({"outTradeNo": NUMBER, "state": "PAYERROR", "reason": reason})
        status = await port.debit(NUMBER, 1, "AG1", "x", now())
        assert (status.state, status.declined) == (PaymentState.PAYERROR, DeclineReason.REFUSED)


class TestThePretendBank:
    async def test_keeps_a_balance_for_each_holder_and_card(self, tmp_path: Path) -> None:
        async with sandbox_world(tmp_path, SandboxDebited) as bank:
            book = bank.platform.book
            await bank.debit(await bank.signed(), fen=30_000)
            assert [book.balance_fen("林小满", card) for card in ("0001", "0002", "0003")] == [
                70_000,
                500,
                100_000,
            ]
            assert book.balance_fen("周一鸣", "0001") == 100_000
            await bank.port.refund(
                "RFD1", refund_fen=10_000, total_fen=30_000, reason="x", out_trade_no=NUMBER
            )
            await bank.finish("RFD1")
            assert book.balance_fen("林小满", "0001") == 80_000
        async with sandbox_world(tmp_path, SandboxDebited) as bank:
            bank.clock.offset_s += 3
            assert bank.platform.book.balance_fen("林小满", "0001") == 80_000

    async def test_tells_of_a_slow_debit_once_it_is_known(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sandbox.signed_platform.book.LATE_S", 0.5)
        async with sandbox_world(tmp_path, SandboxDebited) as bank:
            assert (await bank.debit(await bank.signed(card="slow"))).state is PaymentState.USERPAYING
            notice = bank.port.read_notification(*await bank.payment_told(NUMBER))
            assert isinstance(notice, PaymentNotice)


def now() -> datetime:
    return datetime.now(UTC)
