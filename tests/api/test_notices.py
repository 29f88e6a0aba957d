"""POST /online-payment/notify and /bank/notify: there where they are connected, each by its own channel."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import httpx
import pytest
from starlette.applications import Starlette

import api.notices
from onecard.outside.bank_fake import BankFake
from onecard.outside.bank_http import BankHttp
from onecard.outside.online_payment_fake import OnlinePaymentFake
from onecard.outside.online_payment_http import OnlinePaymentHttp
from onecard.rules.kinds import RechargeMethod

ADDRESSES = {
    RechargeMethod.ONLINE_PAYMENT: OnlinePaymentHttp.NOTIFY_PATH,
    RechargeMethod.BANK_CARD: BankHttp.NOTIFY_PATH,
}


def now() -> datetime:
    return datetime.now(UTC)


@pytest.mark.parametrize("connected", ADDRESSES)
async def test_each_tells_at_its_own_address(
    connected: RechargeMethod, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled = []

    async def settle(parts: object, notice: object, channel: RechargeMethod) -> None:
        settled.append((type(notice).__name__, channel))

    monkeypatch.setattr(api.notices, "settle_recharge", settle)
    monkeypatch.setattr(api.notices, "settle_refund", settle)
    fakes = {RechargeMethod.ONLINE_PAYMENT: OnlinePaymentFake(now), RechargeMethod.BANK_CARD: BankFake(now)}
    fake = fakes[connected]
    parts = SimpleNamespace(
        provider=fakes.__getitem__,
        online_payment=fake if connected is RechargeMethod.ONLINE_PAYMENT else None,
        bank=fake if connected is RechargeMethod.BANK_CARD else None,
    )
    fake.pay("RCH1", 3_000)
    await fake.refund("RFD1", refund_fen=1, total_fen=3_000, reason="x", out_trade_no="RCH1")
    school = httpx.ASGITransport(Starlette(routes=api.notices.routes(parts)))
    async with httpx.AsyncClient(transport=school, base_url="http://school") as http:
        for headers, body in (fake.payment_notification("RCH1"), fake.refund_notification("RFD1")):
            for channel, path in ADDRESSES.items():
                answer = await http.post(path, content=body, headers=headers)
                assert answer.status_code == (204 if channel is connected else 404)
            assert (await http.post(ADDRESSES[connected], content=body)).status_code == 401
    assert settled == [("PaymentNotice", connected), ("RefundNotice", connected)]
