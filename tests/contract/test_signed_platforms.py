"""One suite for what the payment platform and the bank share: our fakes, and the real parts against the sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from support.serving import serving
from support.signed_platforms import (
    FakeDebited,
    FakeOnline,
    SandboxDebited,
    SandboxOnline,
    World,
    connected,
    refused,
    sandbox_world,
)

from onecard.outside.bank_http import BankHttp
from onecard.outside.online_payment_http import OnlinePaymentHttp
from onecard.outside.payments import PaymentNotice, PaymentState, RefundNotice, RefundState
from onecard.outside.provider_http import ProviderConfig, ProviderHttp
from onecard.outside.providers import (
    ForgedNotification,
    MalformedNotification,
    ProviderRefused,
    ProviderUnavailable,
)
from sandbox.bank.app import Bank
from sandbox.cashier.app import Cashier
from sandbox.signed_platform.book import No
from sandbox.signed_platform.platform import Platform

real = pytest.mark.parametrize(("kind", "platform"), [(OnlinePaymentHttp, Cashier), (BankHttp, Bank)])


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(params=[FakeOnline, SandboxOnline, FakeDebited, SandboxDebited])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    if request.param in (FakeOnline, FakeDebited):
        yield request.param()
        return
    async with sandbox_world(tmp_path, request.param) as world:
        yield world


async def test_what_was_paid_is_told_when_asked(world: World) -> None:
    assert (await world.port.query("ELE00000001")).state is PaymentState.UNKNOWN
    await world.paid()
    status = await world.port.query("ELE00000001")
    assert (status.state, status.paid_fen, status.payer_fen) == (PaymentState.SUCCESS, 3_000, 3_000)
    assert status.transaction_id
    assert status.paid_at is not None
    assert status.paid_at.tzinfo is not None
    assert await refused(world.port.close("ELE00000001")) == "ORDERPAID"
    assert await refused(world.port.close("ELE00000002")) == "ORDER_NOT_EXIST"


async def test_a_payment_is_told_signed(world: World) -> None:
    await world.paid()
    headers, body = await world.payment_told("ELE00000001")
    notice = world.port.read_notification(headers, body)
    assert isinstance(notice, PaymentNotice)
    assert (notice.out_trade_no, notice.paid_fen) == ("ELE00000001", 3_000)
    assert notice.transaction_id == (await world.port.query("ELE00000001")).transaction_id


async def test_a_refund_is_asked_once_and_told(world: World) -> None:
    await world.paid()
    paid = (await world.port.query("ELE00000001")).transaction_id
    for _ in range(2):
        status = await world.port.refund(
            "RFD00000001", refund_fen=1_000, total_fen=3_000, reason="电表没有收下", transaction_id=paid
        )
        assert (status.state, status.refund_fen) == (RefundState.PROCESSING, 1_000)
    await world.finish("RFD00000001")
    done = await world.port.query_refund("RFD00000001")
    assert done.state is RefundState.SUCCESS
    assert done.finished_at is not None
    notice = world.port.read_notification(*await world.refund_told("RFD00000001"))
    assert isinstance(notice, RefundNotice)
    assert (notice.out_refund_no, notice.state, notice.refund_fen) == (
        "RFD00000001",
        RefundState.SUCCESS,
        1_000,
    )
    assert (await world.port.query("ELE00000001")).state is PaymentState.REFUND


async def test_no_more_is_refunded_than_was_paid(world: World) -> None:
    await world.paid()
    paid = (await world.port.query("ELE00000001")).transaction_id
    ask = world.port.refund
    await ask("RFD1", refund_fen=2_000, total_fen=3_000, reason="x", transaction_id=paid)
    await refused(ask("RFD2", refund_fen=1_001, total_fen=3_000, reason="x", transaction_id=paid))
    await refused(ask("RFD1", refund_fen=1_000, total_fen=3_000, reason="x", transaction_id=paid))
    await refused(ask("RFD3", refund_fen=1, total_fen=3_000, reason="x", transaction_id="nobody's"))
    assert (await world.port.query_refund("RFD2")).state is RefundState.UNKNOWN


@pytest.mark.parametrize("change", ["body", "signature", "time", "missing", "doubled"])
async def test_a_notification_that_is_not_theirs_changes_nothing(world: World, change: str) -> None:
    await world.paid()
    headers, body = await world.payment_told("ELE00000001")
    if change == "body":
        body = body.replace(b"ELE00000001", b"ELE00000002") if b"ELE" in body else body + b" "
    elif change == "signature":
        headers = [
            (k, v[:-1] + ("0" if v[-1] != "0" else "1") if "signature" in k.lower() else v)
            for k, v in headers
        ]
    elif change == "time":
        world.clock.offset_s += 400
    elif change == "missing":
        headers = [(k, v) for k, v in headers if "timestamp" not in k.lower()]
    else:
        headers = [*headers, *(one for one in headers if "signature" in one[0].lower())]
    with pytest.raises(ForgedNotification):
        world.port.read_notification(headers, body)


async def test_a_notice_for_one_address_is_none_for_the_other(tmp_path: Path) -> None:
    """Even where a school was given one key for both."""
    async with sandbox_world(tmp_path, SandboxOnline) as world:
        await world.paid()
        headers, body = await world.payment_told("ELE00000001")
        assert isinstance(world.port.read_notification(headers, body), PaymentNotice)
        async with BankHttp(world.port.config, world.clock) as bank:
            with pytest.raises(ForgedNotification):
                bank.read_notification(headers, body)


@real
async def test_the_real_part_believes_no_answer_that_is_not_signed(
    kind: type[ProviderHttp], platform: type[Platform]
) -> None:
    async def anything(request: Request) -> Response:
        return Response(b'{"outTradeNo": "E1", "state": "SUCCESS", "transactionId": "t", "paidFen": 1}')

    async with serving(Starlette(routes=[Route("/orders/E1", anything)])) as address:
        config = ProviderConfig(f"http://{address}", "S1", "http://x/n", b"k" * 32)
        async with kind(config, now) as port:
            with pytest.raises(ProviderUnavailable):
                await port.query("E1")
    async with kind(config, now) as port:
        with pytest.raises(ProviderUnavailable, match="not reached"):
            await port.query("E1")


@real
async def test_another_key_is_refused_and_another_form_is_none(
    kind: type[ProviderHttp], platform: type[Platform], tmp_path: Path
) -> None:
    async with connected(tmp_path, platform(tmp_path), kind, now, [], key=b"k" * 32) as stranger:
        with pytest.raises(ProviderUnavailable):  # its answer is signed with a key that we do not have
            await stranger.query("E1")
    theirs = platform(tmp_path)
    async with connected(tmp_path, theirs, kind, now, []) as port:
        unpaid = b'{"noticeId": "n", "kind": "PAYMENT", "outTradeNo": "E1", "state": "PAYERROR"}'
        for body in (b"[]", b"{}", b'{"noticeId": "n", "kind": "PAYMENT"}', unpaid):
            headers = theirs._notice_headers(port.config.notify_url, body)
            with pytest.raises(MalformedNotification):
                port.read_notification(headers.items(), body)


@real
async def test_of_a_no_the_code_alone_is_kept(
    kind: type[ProviderHttp], platform: type[Platform], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their sentence may repeat what they were asked, an agreement's id for one."""
    theirs = platform(tmp_path)

    def say_no(number: str) -> None:
        raise No(403, "NO_AUTH", "AG-secret may not be used")

    monkeypatch.setattr(theirs.book, "order", say_no)
    async with connected(tmp_path, theirs, kind, now, []) as port:
        with pytest.raises(ProviderRefused) as no:
            await port.query("E1")
    assert no.value.code == "NO_AUTH"
    assert "AG-secret" not in f"{no.value!r} {no.value}"


def test_the_key_is_in_no_repr() -> None:
    assert "6b6b" not in repr(ProviderConfig("https://x", "S1", "https://y", b"kkkk"))
    assert "kkkk" not in repr(ProviderConfig("https://x", "S1", "https://y", b"kkkk"))
