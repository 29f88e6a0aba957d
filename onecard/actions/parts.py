"""What every action is handed: the parts that `bootstrap.build` chose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from onecard.outside.code_store import CodeStore
from onecard.outside.events import Events
from onecard.outside.providers import ProviderUnavailable
from onecard.outside.rate_limits import RateLimits
from onecard.rules.clock import Clock
from onecard.rules.kinds import RechargeMethod
from onecard.rules.policy import Policy
from onecard.settings import Settings

if TYPE_CHECKING:
    from tortoise.backends.base.client import BaseDBAsyncClient

    from onecard.ledger.book import Book
    from onecard.ledger.recharges import Recharges
    from onecard.outside.bank import Bank
    from onecard.outside.online_payment import OnlinePayment
    from onecard.outside.payments import PaymentProvider
    from onecard.outside.wechat_pay import WechatPay
    from onecard.outside.wecom import Wecom
    from onecard.registry.access import Registry
    from onecard.registry.vault import Vault


@dataclass(frozen=True, slots=True)
class Records:
    """The database alone: what loading rows needs, before any provider is known."""

    policy: Policy
    clock: Clock
    database: BaseDBAsyncClient
    book: Book
    recharges: Recharges
    vault: Vault


@dataclass(frozen=True, slots=True)
class Parts:
    """`database` is Tortoise's connection `default`, which statements take; `registry` reads the register."""

    settings: Settings
    policy: Policy
    clock: Clock
    database: BaseDBAsyncClient
    book: Book
    recharges: Recharges
    registry: Registry
    codes: CodeStore
    events: Events
    limits: RateLimits
    wechat_pay: WechatPay
    wecom: Wecom
    online_payment: OnlinePayment | None = None  # where the school has such a platform
    bank: Bank | None = None  # where holders may bind their bank cards

    def provider(self, channel: RechargeMethod) -> PaymentProvider:
        """Who is asked about money of that channel. ProviderUnavailable while it is not connected (any more)."""
        if channel is RechargeMethod.WECHAT:
            return self.wechat_pay
        if channel is RechargeMethod.ONLINE_PAYMENT and self.online_payment is not None:
            return self.online_payment
        if channel is RechargeMethod.BANK_CARD and self.bank is not None:
            return self.bank
        raise ProviderUnavailable(f"{channel} is not connected")
