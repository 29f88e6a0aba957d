"""The providers of our signed protocol, each as its fake and as the real part against the sandbox over HTTP: the port,
and the world's hand on it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from support.serving import serving
from support.waiting import until
from support.wechat import ManualClock

from onecard.outside.bank import Bank
from onecard.outside.bank_fake import BankFake
from onecard.outside.bank_http import BankHttp
from onecard.outside.online_payment import OnlinePayment
from onecard.outside.online_payment_fake import OnlinePaymentFake
from onecard.outside.online_payment_http import OnlinePaymentHttp
from onecard.outside.payments import PaymentStatus
from onecard.outside.provider_fake import ProviderFake
from onecard.outside.provider_http import ProviderConfig, ProviderHttp
from onecard.outside.providers import ProviderRefused
from onecard.rules.clock import Clock
from onecard.rules.kinds import DeclineReason
from sandbox.bank.app import Bank as PretendBank
from sandbox.cashier.app import Cashier
from sandbox.signed_platform.book import LATE_S
from sandbox.signed_platform.keys import load_platform_keys

Told = tuple[list[tuple[str, str]], bytes]
RETURN = "http://school.invalid/#/card"
HOLDER = "林小满"


class World(ABC):
    """What happens to money outside, whoever is asked of it."""

    clock: ManualClock

    @abstractmethod
    async def finish(self, refund: str) -> None:
        """The refund is done by now."""

    @abstractmethod
    async def payment_told(self, number: str) -> Told: ...

    @abstractmethod
    async def refund_told(self, refund: str) -> Told: ...

    @abstractmethod
    async def paid(self, number: str = "ELE00000001", fen: int = 3_000) -> None:
        """Asked for and paid."""


class FakeWorld(World):
    port: ProviderFake

    async def finish(self, refund: str) -> None:
        self.port.finish_refund(refund)

    async def payment_told(self, number: str) -> Told:
        return self.port.payment_notification(number)

    async def refund_told(self, refund: str) -> Told:
        return self.port.refund_notification(refund)


class SandboxWorld(World):
    told: list[Told]

    async def finish(self, refund: str) -> None:
        self.clock.offset_s += 3

    async def payment_told(self, number: str) -> Told:
        await until(lambda: self.told, "the notification")
        return self.told[-1]

    async def refund_told(self, refund: str) -> Told:
        count = 1  # the payment's was first
        await until(lambda: len(self.told) > count, "the refund's notification")
        return self.told[-1]


class Online(World):
    port: OnlinePayment

    @abstractmethod
    async def pay(self, number: str) -> None: ...

    async def open(self, number: str = "ELE00000001", fen: int = 3_000) -> str:
        return await self.port.open(number, fen, "宿舍电费", self.clock() + timedelta(minutes=30), RETURN)

    async def paid(self, number: str = "ELE00000001", fen: int = 3_000) -> None:
        await self.open(number, fen)
        await self.pay(number)


class FakeOnline(FakeWorld, Online):
    def __init__(self) -> None:
        self.clock = ManualClock()
        self.port = OnlinePaymentFake(self.clock)

    async def pay(self, number: str) -> None:
        self.port.pay(number)


class SandboxOnline(SandboxWorld, Online):
    def __init__(
        self, platform: Cashier, clock: ManualClock, port: OnlinePaymentHttp, told: list[Told]
    ) -> None:
        self.platform, self.clock, self.port, self.told = platform, clock, port, told

    async def pay(self, number: str) -> None:
        self.platform.pay(number)


class Debited(World):
    """A holder with a bank card; `poor` and `slow` name their cards that are."""

    port: Bank

    @abstractmethod
    async def sign(self, number: str, card: str = "") -> None: ...

    @abstractmethod
    async def end_by_holder(self, number: str) -> None: ...

    @abstractmethod
    async def settle(self, number: str) -> None:
        """What was slow is known by now."""

    async def open(self, number: str = "AGR00000001", holder: str = HOLDER) -> str:
        return await self.port.open_signing(number, holder, self.clock() + timedelta(minutes=30), RETURN)

    async def signed(self, number: str = "AGR00000001", card: str = "") -> str:
        """The agreement's id at the bank."""
        await self.open(number)
        await self.sign(number, card)
        agreement_id = (await self.port.query_agreement(number)).agreement_id
        assert agreement_id is not None
        return agreement_id

    async def debit(
        self, agreement_id: str, number: str = "RCH00000001", fen: int = 3_000, lasts_s: int = 60
    ) -> PaymentStatus:
        ends = self.clock() + timedelta(seconds=lasts_s)
        return await self.port.debit(number, fen, agreement_id, "校园卡充值", ends)

    async def paid(self, number: str = "ELE00000001", fen: int = 3_000) -> None:
        await self.debit(await self.signed(), number, fen)


class FakeDebited(FakeWorld, Debited):
    def __init__(self) -> None:
        self.clock = ManualClock()
        self.port = BankFake(self.clock)

    async def sign(self, number: str, card: str = "") -> None:
        self.port.sign(number)
        self.port.declines = DeclineReason.INSUFFICIENT_FUNDS if card == "poor" else None
        self.port.late = card == "slow"

    async def end_by_holder(self, number: str) -> None:
        self.port.end_by_holder(number)

    async def settle(self, number: str) -> None:
        self.port.finish_debit(number)


class SandboxDebited(SandboxWorld, Debited):
    def __init__(self, platform: PretendBank, clock: ManualClock, port: BankHttp, told: list[Told]) -> None:
        self.platform, self.clock, self.port, self.told = platform, clock, port, told

    async def sign(self, number: str, card: str = "") -> None:
        self.platform.book.sign(number, {"poor": "0002", "slow": "0003"}.get(card, "0001"))

    async def end_by_holder(self, number: str) -> None:
        self.platform.book.end(number)

    async def settle(self, number: str) -> None:
        self.clock.offset_s += LATE_S + 1


@asynccontextmanager
async def sandbox_world(
    home: Path, kind: type[SandboxOnline] | type[SandboxDebited]
) -> AsyncIterator[SandboxOnline | SandboxDebited]:
    online = kind is SandboxOnline
    clock, told = ManualClock(), []
    platform = (Cashier if online else PretendBank)(home, clock.seconds)
    port_kind = OnlinePaymentHttp if online else BankHttp
    async with connected(home, platform, port_kind, clock, told) as port:
        yield kind(platform, clock, port, told)


@asynccontextmanager
async def connected(
    home: Path,
    platform: Cashier | PretendBank,
    kind: type[ProviderHttp],
    clock: Clock,
    told: list[Told],
    key: bytes | None = None,
) -> AsyncIterator[ProviderHttp]:
    """The real part at that platform, whose notifications are put into `told`; `key`: another than it has."""

    async def hear(request: Request) -> Response:
        told.append(([(k, v) for k, v in request.headers.items()], await request.body()))
        return Response(status_code=204)

    routes = [*platform.routes(), Route(kind.NOTIFY_PATH, hear, methods=["POST"])]
    async with platform.running(), serving(Starlette(routes=routes)) as address:
        base, keys = f"http://{address}", load_platform_keys(home, platform.NAME)
        notify_url = base + kind.NOTIFY_PATH
        config = ProviderConfig(f"{base}/{platform.NAME}", keys.merchant, notify_url, key or keys.key)
        async with kind(config, clock) as port:
            yield port


async def refused(call: Awaitable[object]) -> str:
    """The code with which it is."""
    with pytest.raises(ProviderRefused) as no:
        await call
    return no.value.code
