"""One suite for the unified payment platform: our fake, and the real part against the sandbox over HTTP."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from support.serving import serving
from support.waiting import until
from support.wechat import ManualClock

from onecard.outside.online_payment import OnlinePayment
from onecard.outside.online_payment_fake import OnlinePaymentFake
from onecard.outside.online_payment_http import NOTIFY_PATH, OnlinePaymentConfig, OnlinePaymentHttp
from onecard.outside.payments import PaymentNotice, PaymentState, RefundNotice, RefundState
from onecard.outside.providers import (
    ForgedNotification,
    MalformedNotification,
    ProviderRefused,
    ProviderUnavailable,
)
from sandbox.cashier.app import Cashier
from sandbox.cashier.book import Row
from sandbox.cashier.keys import load_cashier_keys

NOTICES = "http://x/online-payment/notify"
Told = tuple[list[tuple[str, str]], bytes]


class Platform(ABC):
    port: OnlinePayment
    clock: ManualClock

    @abstractmethod
    async def pay(self, number: str) -> None: ...

    @abstractmethod
    async def finish(self, refund: str) -> None:
        """The refund is done by now."""

    @abstractmethod
    async def payment_told(self, number: str) -> Told: ...

    @abstractmethod
    async def refund_told(self, refund: str) -> Told: ...

    async def open(self, number: str = "ELE00000001", fen: int = 3_000) -> str:
        ends = self.clock() + timedelta(minutes=30)
        return await self.port.open(number, fen, "宿舍电费", ends, "http://127.0.0.1:9/#/electricity/order/x")

    async def paid(self, number: str = "ELE00000001", fen: int = 3_000) -> None:
        await self.open(number, fen)
        await self.pay(number)


class FakePlatform(Platform):
    def __init__(self) -> None:
        self.clock = ManualClock()
        self.fake = OnlinePaymentFake(self.clock)
        self.port = self.fake

    async def pay(self, number: str) -> None:
        self.fake.pay(number)

    async def finish(self, refund: str) -> None:
        self.fake.finish_refund(refund)

    async def payment_told(self, number: str) -> Told:
        return self.fake.payment_notification(number)

    async def refund_told(self, refund: str) -> Told:
        return self.fake.refund_notification(refund)


class SandboxPlatform(Platform):
    def __init__(self, cashier: Cashier, clock: ManualClock, port: OnlinePayment, told: list[Told]) -> None:
        self.cashier, self.clock, self.port, self.told = cashier, clock, port, told

    async def pay(self, number: str) -> None:
        self.cashier.pay(number)

    async def finish(self, refund: str) -> None:
        self.clock.offset_s += 3

    async def payment_told(self, number: str) -> Told:
        await until(lambda: self.told, "the notification")
        return self.told[-1]

    async def refund_told(self, refund: str) -> Told:
        count = 1  # the payment's was first
        await until(lambda: len(self.told) > count, "the refund's notification")
        return self.told[-1]


@pytest.fixture(params=["fake", "sandbox"])
async def platform(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Platform]:
    if request.param == "fake":
        yield FakePlatform()
        return
    clock = ManualClock()
    cashier = Cashier(tmp_path, clock.seconds)
    keys = load_cashier_keys(tmp_path)
    told: list[Told] = []

    async def hear(request: Request) -> Response:
        told.append(([(k, v) for k, v in request.headers.items()], await request.body()))
        return Response(status_code=204)

    routes = [*cashier.routes(), Route(NOTIFY_PATH, hear, methods=["POST"])]
    async with cashier.running(), serving(Starlette(routes=routes)) as address:
        base = f"http://{address}"
        config = OnlinePaymentConfig(f"{base}/cashier", keys.merchant, base + NOTIFY_PATH, keys.key)
        async with OnlinePaymentHttp(config, clock) as port:
            yield SandboxPlatform(cashier, clock, port, told)


async def refused(call) -> str:
    with pytest.raises(ProviderRefused) as no:
        await call
    return no.value.code


async def test_an_order_has_a_page_and_may_be_asked_for_again(platform: Platform) -> None:
    first = await platform.open()
    assert first.startswith("http")
    assert await platform.open() == first
    assert await refused(platform.open(fen=3_001)) == "INVALID_REQUEST"
    assert (await platform.port.query("ELE00000001")).state is PaymentState.NOTPAY
    assert (await platform.port.query("ELE00000002")).state is PaymentState.UNKNOWN


async def test_what_was_paid_is_told_when_asked(platform: Platform) -> None:
    await platform.paid()
    status = await platform.port.query("ELE00000001")
    assert (status.state, status.paid_fen, status.payer_fen) == (PaymentState.SUCCESS, 3_000, 3_000)
    assert status.transaction_id
    assert status.paid_at is not None
    assert status.paid_at.tzinfo is not None
    assert await refused(platform.open()) == "ORDERPAID"
    assert await refused(platform.port.close("ELE00000001")) == "ORDERPAID"


async def test_what_is_closed_is_not_paid(platform: Platform) -> None:
    await platform.open()
    for _ in range(2):
        await platform.port.close("ELE00000001")
    assert (await platform.port.query("ELE00000001")).state is PaymentState.CLOSED
    assert await refused(platform.open()) == "ORDER_CLOSED"
    assert await refused(platform.port.close("ELE00000002")) == "ORDER_NOT_EXIST"


async def test_a_payment_is_told_signed(platform: Platform) -> None:
    await platform.paid()
    headers, body = await platform.payment_told("ELE00000001")
    notice = platform.port.read_notification(headers, body)
    assert isinstance(notice, PaymentNotice)
    assert (notice.out_trade_no, notice.paid_fen) == ("ELE00000001", 3_000)
    assert notice.transaction_id == (await platform.port.query("ELE00000001")).transaction_id


async def test_a_refund_is_asked_once_and_told(platform: Platform) -> None:
    await platform.paid()
    paid = (await platform.port.query("ELE00000001")).transaction_id
    for _ in range(2):
        status = await platform.port.refund(
            "RFD00000001", refund_fen=1_000, total_fen=3_000, reason="电表没有收下", transaction_id=paid
        )
        assert (status.state, status.refund_fen) == (RefundState.PROCESSING, 1_000)
    await platform.finish("RFD00000001")
    done = await platform.port.query_refund("RFD00000001")
    assert done.state is RefundState.SUCCESS
    assert done.finished_at is not None
    notice = platform.port.read_notification(*await platform.refund_told("RFD00000001"))
    assert isinstance(notice, RefundNotice)
    assert (notice.out_refund_no, notice.state, notice.refund_fen) == (
        "RFD00000001",
        RefundState.SUCCESS,
        1_000,
    )
    assert (await platform.port.query("ELE00000001")).state is PaymentState.REFUND


async def test_no_more_is_refunded_than_was_paid(platform: Platform) -> None:
    await platform.paid()
    paid = (await platform.port.query("ELE00000001")).transaction_id
    ask = platform.port.refund
    await ask("RFD1", refund_fen=2_000, total_fen=3_000, reason="x", transaction_id=paid)
    await refused(ask("RFD2", refund_fen=1_001, total_fen=3_000, reason="x", transaction_id=paid))
    await refused(ask("RFD1", refund_fen=1_000, total_fen=3_000, reason="x", transaction_id=paid))
    await refused(ask("RFD3", refund_fen=1, total_fen=3_000, reason="x", transaction_id="nobody's"))
    assert (await platform.port.query_refund("RFD2")).state is RefundState.UNKNOWN


@pytest.mark.parametrize("change", ["body", "signature", "time", "missing", "doubled"])
async def test_a_notification_that_is_not_theirs_changes_nothing(platform: Platform, change: str) -> None:
    await platform.paid()
    headers, body = await platform.payment_told("ELE00000001")
    if change == "body":
        body = body.replace(b"ELE00000001", b"ELE00000002") if b"ELE" in body else body + b" "
    elif change == "signature":
        headers = [
            (k, v[:-1] + ("0" if v[-1] != "0" else "1") if "signature" in k.lower() else v)
            for k, v in headers
        ]
    elif change == "time":
        platform.clock.offset_s += 400
    elif change == "missing":
        headers = [(k, v) for k, v in headers if "timestamp" not in k.lower()]
    else:
        headers = [*headers, *(one for one in headers if "signature" in one[0].lower())]
    with pytest.raises(ForgedNotification):
        platform.port.read_notification(headers, body)


async def test_the_real_part_believes_no_answer_that_is_not_signed(tmp_path: Path) -> None:
    async def anything(request: Request) -> Response:
        return Response(b'{"outTradeNo": "E1", "state": "SUCCESS", "transactionId": "t", "paidFen": 1}')

    async with serving(Starlette(routes=[Route("/orders/E1", anything)])) as address:
        config = OnlinePaymentConfig(f"http://{address}", "S1", "http://x/n", b"k" * 32)
        async with OnlinePaymentHttp(config, lambda: datetime.now(UTC)) as port:
            with pytest.raises(ProviderUnavailable):
                await port.query("E1")
    async with OnlinePaymentHttp(config, lambda: datetime.now(UTC)) as port:
        with pytest.raises(ProviderUnavailable, match="not reached"):
            await port.query("E1")


async def test_another_key_is_refused_and_another_form_is_none(tmp_path: Path) -> None:
    cashier, now = Cashier(tmp_path), lambda: datetime.now(UTC)
    async with cashier.running(), serving(Starlette(routes=cashier.routes())) as address:
        keys = load_cashier_keys(tmp_path)
        config = OnlinePaymentConfig(f"http://{address}/cashier", keys.merchant, "http://x/n", b"k" * 32)
        async with OnlinePaymentHttp(config, now) as stranger:
            with pytest.raises(ProviderUnavailable):  # its answer is signed with a key that we do not have
                await stranger.query("E1")
        config = OnlinePaymentConfig(
            f"http://{address}/cashier", keys.merchant, "http://x/online-payment/notify", keys.key
        )
        async with OnlinePaymentHttp(config, now) as port:
            body = b'{"noticeId": "n", "kind": "PAYMENT"}'
            headers = cashier._notice_headers(NOTICES, body)
            with pytest.raises(MalformedNotification):
                port.read_notification(headers.items(), body)


async def test_the_browser_is_sent_to_the_web_alone(tmp_path: Path) -> None:
    class Sly(Cashier):
        async def _open(self, request: Request, body: bytes) -> Row:
            return {"payUrl": "javascript:alert(1)"}

    cashier, keys = Sly(tmp_path), load_cashier_keys(tmp_path)
    async with cashier.running(), serving(Starlette(routes=cashier.routes())) as address:
        config = OnlinePaymentConfig(f"http://{address}/cashier", keys.merchant, NOTICES, keys.key)
        async with OnlinePaymentHttp(config, lambda: datetime.now(UTC)) as port:
            with pytest.raises(ProviderUnavailable, match="payUrl"):
                await port.open("E1", 1, "x", datetime.now(UTC), "http://x")
