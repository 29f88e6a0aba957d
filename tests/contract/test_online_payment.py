"""The payment platform's own part: an order and its page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.requests import Request
from support.signed_platforms import FakeOnline, Online, SandboxOnline, connected, refused, sandbox_world

from onecard.outside.online_payment_http import OnlinePaymentHttp
from onecard.outside.payments import PaymentState
from onecard.outside.providers import ProviderUnavailable
from sandbox.cashier.app import Cashier
from sandbox.signed_platform.book import Row


@pytest.fixture(params=["fake", "sandbox"])
async def platform(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Online]:
    if request.param == "fake":
        yield FakeOnline()
        return
    async with sandbox_world(tmp_path, SandboxOnline) as world:
        yield world


async def test_an_order_has_a_page_and_may_be_asked_for_again(platform: Online) -> None:
    first = await platform.open()
    assert first.startswith("http")
    assert await platform.open() == first
    assert await refused(platform.open(fen=3_001)) == "INVALID_REQUEST"
    assert (await platform.port.query("ELE00000001")).state is PaymentState.NOTPAY


async def test_what_was_paid_is_not_paid_again(platform: Online) -> None:
    await platform.paid()
    assert await refused(platform.open()) == "ORDERPAID"


async def test_what_is_closed_is_not_paid(platform: Online) -> None:
    await platform.open()
    for _ in range(2):
        await platform.port.close("ELE00000001")
    assert (await platform.port.query("ELE00000001")).state is PaymentState.CLOSED
    assert await refused(platform.open()) == "ORDER_CLOSED"


async def test_the_browser_is_sent_to_the_web_alone(tmp_path: Path) -> None:
    class Sly(Cashier):
        async def _open(self, request: Request, body: bytes) -> Row:
            return {"payUrl": "javascript:alert(1)"}

    def now() -> datetime:
        return datetime.now(UTC)

    async with connected(tmp_path, Sly(tmp_path), OnlinePaymentHttp, now, []) as port:
        with pytest.raises(ProviderUnavailable, match="payUrl"):
            await port.open("E1", 1, "x", now(), "http://x")
