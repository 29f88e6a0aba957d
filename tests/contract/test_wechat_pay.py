"""One suite for WeChat Pay: our fake, and the real part against the signed sandbox over HTTP."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from support.waiting import until
from support.wechat import ManualClock, Sandbox, School, prepare_home, running_sandbox, running_school

from onecard.outside.payments import PaymentNotice, PaymentState, RefundNotice, RefundState
from onecard.outside.providers import ForgedNotification, ProviderRefused, ProviderUnavailable
from onecard.outside.wechat_pay import WechatPay
from onecard.outside.wechat_pay_fake import WechatPayFake

Notification = tuple[list[tuple[str, str]], bytes]


class Shop(ABC):
    """The port, and the world's side of it."""

    pay: WechatPay
    clock: ManualClock
    openid: str

    @abstractmethod
    async def buyer_pays(self, out_trade_no: str) -> None: ...

    @abstractmethod
    async def payment_notification(self, out_trade_no: str) -> Notification: ...

    @abstractmethod
    async def refund_ends(self, out_refund_no: str, state: RefundState) -> None: ...

    @abstractmethod
    async def refund_notification(self, out_refund_no: str) -> Notification: ...

    @abstractmethod
    async def breaks_down(self) -> None:
        """Queries are not answered from now on."""

    async def order(self, number: str, amount_fen: int = 5000) -> str:
        expires_at = self.clock() + timedelta(hours=2)
        return await self.pay.prepay(number, amount_fen, self.openid, "校园卡充值", expires_at)


class FakeShop(Shop):
    def __init__(self) -> None:
        self.clock = ManualClock()
        self.fake = WechatPayFake(self.clock)
        self.pay = self.fake
        self.openid = "o-student"

    async def buyer_pays(self, out_trade_no: str) -> None:
        self.fake.pay(out_trade_no)

    async def payment_notification(self, out_trade_no: str) -> Notification:
        return self.fake.payment_notification(out_trade_no)

    async def refund_ends(self, out_refund_no: str, state: RefundState) -> None:
        self.fake.finish_refund(out_refund_no, state)

    async def refund_notification(self, out_refund_no: str) -> Notification:
        return self.fake.refund_notification(out_refund_no)

    async def breaks_down(self) -> None:
        self.fake.failure = ProviderUnavailable("down")


class SandboxShop(Shop):
    def __init__(self, sandbox: Sandbox, school: School, pay: WechatPay, clock: ManualClock) -> None:
        self.sandbox, self.school, self.pay, self.clock = sandbox, school, pay, clock
        self.openid = sandbox.openid()

    async def buyer_pays(self, out_trade_no: str) -> None:
        assert await self.sandbox.control(f"orders/{out_trade_no}/pay") == {"result": "ok"}

    async def payment_notification(self, out_trade_no: str) -> Notification:
        return await self._last("pay")

    async def refund_ends(self, out_refund_no: str, state: RefundState) -> None:
        await self.sandbox.control(f"refunds/{out_refund_no}/{state.value.lower()}")

    async def refund_notification(self, out_refund_no: str) -> Notification:
        return await self._last("refund")

    async def breaks_down(self) -> None:
        await self.sandbox.control("faults", {"query": "unavailable"})

    async def _last(self, kind: str) -> Notification:
        await until(lambda: self.school.about(kind), f"a notification to {kind}")
        return self.school.about(kind)[-1]


@pytest.fixture(params=["fake", "sandbox"])
async def shop(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Shop]:
    if request.param == "fake":
        yield FakeShop()
        return
    clock, home = ManualClock(), prepare_home(tmp_path)
    async with (
        running_school() as school,
        running_sandbox(home) as sandbox,
        sandbox.pay(school, clock) as pay,
    ):
        await sandbox.control("faults", {"refund": "late"})  # refunds end when the test says so
        yield SandboxShop(sandbox, school, pay, clock)


async def test_an_order_is_paid_and_the_query_tells_all(shop: Shop) -> None:
    prepay_id = await shop.order("RCH0000001", 5000)
    assert shop.pay.bridge_parameters(prepay_id)["package"] == f"prepay_id={prepay_id}"
    before = await shop.pay.query("RCH0000001")
    assert (before.state, before.transaction_id, before.paid_fen) == (PaymentState.NOTPAY, None, None)

    await shop.buyer_pays("RCH0000001")

    after = await shop.pay.query("RCH0000001")
    assert (after.state, after.paid_fen, after.payer_fen) == (PaymentState.SUCCESS, 5000, 5000)
    assert after.transaction_id
    assert after.paid_at
    assert abs(after.paid_at - shop.clock()) < timedelta(seconds=60)


async def test_bridge_parameters_are_what_the_page_hands_over(shop: Shop) -> None:
    given = shop.pay.bridge_parameters("wx2014")
    assert set(given) == {"appId", "timeStamp", "nonceStr", "package", "signType", "paySign"}
    assert all(isinstance(value, str) and value for value in given.values())
    assert given["signType"] == "RSA"


async def test_an_order_nobody_made_is_unknown(shop: Shop) -> None:
    assert (await shop.pay.query("RCH404404")).state is PaymentState.UNKNOWN
    assert (await shop.pay.query_refund("RFD404404")).state is RefundState.UNKNOWN
    with pytest.raises(ProviderRefused) as refused:
        await shop.pay.close("RCH404404")
    assert refused.value.code == "ORDER_NOT_EXIST"


async def test_the_same_order_may_be_asked_again_and_another_amount_not(shop: Shop) -> None:
    await shop.order("RCH0000001", 5000)
    await shop.order("RCH0000001", 5000)
    with pytest.raises(ProviderRefused) as refused:
        await shop.order("RCH0000001", 6000)
    assert refused.value.code == "INVALID_REQUEST"


async def test_a_paid_order_takes_no_second_payment(shop: Shop) -> None:
    await shop.order("RCH0000001")
    await shop.buyer_pays("RCH0000001")
    for ask in (shop.order("RCH0000001"), shop.pay.close("RCH0000001")):
        with pytest.raises(ProviderRefused) as refused:
            await ask
        assert refused.value.code == "ORDERPAID"


async def test_closing_is_final_and_may_be_repeated(shop: Shop) -> None:
    await shop.order("RCH0000001")
    await shop.pay.close("RCH0000001")
    await shop.pay.close("RCH0000001")
    assert (await shop.pay.query("RCH0000001")).state is PaymentState.CLOSED
    with pytest.raises(ProviderRefused):
        await shop.order("RCH0000001")


async def test_the_notification_says_what_the_query_says(shop: Shop) -> None:
    await shop.order("RCH0000001", 5001)
    await shop.buyer_pays("RCH0000001")
    notice = shop.pay.read_notification(*await shop.payment_notification("RCH0000001"))
    told = await shop.pay.query("RCH0000001")
    assert isinstance(notice, PaymentNotice)
    assert (notice.out_trade_no, notice.transaction_id) == ("RCH0000001", told.transaction_id)
    assert (notice.paid_fen, notice.payer_fen, notice.paid_at) == (5001, 5001, told.paid_at)
    assert notice.notice_id


async def test_a_notification_that_is_not_proved_is_forged(shop: Shop) -> None:
    await shop.order("RCH0000001")
    await shop.buyer_pays("RCH0000001")
    headers, body = await shop.payment_notification("RCH0000001")
    signature = next(row for row in headers if row[0].lower() == "wechatpay-signature")
    stripped = [row for row in headers if row is not signature]
    cases = {
        "altered": (headers, body.replace(b'"', b"'", 1)),
        "cut short": (headers, body[:-10]),
        "unsigned": (stripped, body),
        "signed twice": ([*headers, signature], body),
        "another signature": ([*stripped, (signature[0], signature[1][::-1])], body),
        "bare": ([], body),
    }
    for odd_headers, odd_body in cases.values():
        with pytest.raises(ForgedNotification):
            shop.pay.read_notification(odd_headers, odd_body)
    shop.pay.read_notification(headers, body)


@pytest.mark.parametrize(
    ("offset_s", "taken"), [(-298, True), (298, True), (-302, False), (302, False), (30 * 86_400, False)]
)
async def test_a_notification_is_taken_for_300_seconds(shop: Shop, offset_s: int, taken: bool) -> None:
    await shop.order("RCH0000001")
    await shop.buyer_pays("RCH0000001")
    notification = await shop.payment_notification("RCH0000001")
    shop.clock.offset_s = offset_s
    if taken:
        shop.pay.read_notification(*notification)
    else:
        with pytest.raises(ForgedNotification):
            shop.pay.read_notification(*notification)


async def test_an_accepted_refund_is_not_yet_refunded(shop: Shop) -> None:
    await shop.order("RCH0000001", 5000)
    await shop.buyer_pays("RCH0000001")

    asked = await shop.pay.refund(
        "RFD01", refund_fen=2000, total_fen=5000, reason="退款", out_trade_no="RCH0000001"
    )
    assert (asked.state, asked.refund_fen, asked.finished_at) == (RefundState.PROCESSING, 2000, None)
    again = await shop.pay.refund(
        "RFD01", refund_fen=2000, total_fen=5000, reason="退款", out_trade_no="RCH0000001"
    )
    assert again.refund_id == asked.refund_id

    await shop.refund_ends("RFD01", RefundState.SUCCESS)
    notice = shop.pay.read_notification(*await shop.refund_notification("RFD01"))
    assert isinstance(notice, RefundNotice)
    assert (notice.out_refund_no, notice.state, notice.refund_fen) == ("RFD01", RefundState.SUCCESS, 2000)
    assert (notice.out_trade_no, notice.total_fen) == ("RCH0000001", 5000)
    done = await shop.pay.query_refund("RFD01")
    assert (done.state, done.finished_at) == (RefundState.SUCCESS, notice.finished_at)
    assert (await shop.pay.query("RCH0000001")).state is PaymentState.REFUND


async def test_a_refund_that_fails_says_so(shop: Shop) -> None:
    await shop.order("RCH0000001", 5000)
    await shop.buyer_pays("RCH0000001")
    transaction_id = (await shop.pay.query("RCH0000001")).transaction_id
    await shop.pay.refund(
        "RFD01", refund_fen=5000, total_fen=5000, reason="退款", transaction_id=transaction_id
    )
    await shop.refund_ends("RFD01", RefundState.ABNORMAL)
    notice = shop.pay.read_notification(*await shop.refund_notification("RFD01"))
    assert isinstance(notice, RefundNotice)
    assert (notice.state, notice.finished_at) == (RefundState.ABNORMAL, None)
    assert (await shop.pay.query_refund("RFD01")).state is RefundState.ABNORMAL


async def test_no_more_is_refunded_than_was_paid(shop: Shop) -> None:
    await shop.order("RCH0000001", 5000)
    await shop.buyer_pays("RCH0000001")
    await shop.pay.refund("RFD01", refund_fen=3000, total_fen=5000, reason="退款", out_trade_no="RCH0000001")
    for number, refund_fen in (("RFD02", 2001), ("RFD01", 2999)):
        with pytest.raises(ProviderRefused):
            await shop.pay.refund(
                number, refund_fen=refund_fen, total_fen=5000, reason="退款", out_trade_no="RCH0000001"
            )
    await shop.pay.refund("RFD03", refund_fen=2000, total_fen=5000, reason="退款", out_trade_no="RCH0000001")


async def test_an_unpaid_order_is_not_refunded(shop: Shop) -> None:
    await shop.order("RCH0000001", 5000)
    with pytest.raises(ProviderRefused):
        await shop.pay.refund("RFD01", refund_fen=1, total_fen=5000, reason="退款", out_trade_no="RCH0000001")


async def test_no_answer_is_not_an_answer(shop: Shop) -> None:
    await shop.order("RCH0000001")
    await shop.breaks_down()
    with pytest.raises(ProviderUnavailable):
        await shop.pay.query("RCH0000001")
