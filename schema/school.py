"""The school and what it has decided."""

from datetime import time
from typing import Self

import strawberry

from onecard.actions.create_recharge import offered_channels
from onecard.rules import policy
from onecard.rules.hours import ServiceHours as Hours
from schema.context import Context
from schema.scalars import Money
from schema.words import RechargeMethod, WalletType


@strawberry.type(description="When a service is open 服务时间, in the school's time.")
class ServiceHours:
    opens_at: time = strawberry.field(description="When it opens each day.")
    closes_at: time = strawberry.field(description="When it closes each day.")
    open_now: bool = strawberry.field(description="Is it open at this moment?")

    @classmethod
    def of(cls, hours: Hours, context: Context) -> Self:
        return cls(opens_at=hours.opens_at, closes_at=hours.closes_at, open_now=hours.is_open(context.now()))


@strawberry.type(description="What this school has set 学校规则: hours, limits, what is offered.")
class Policy:
    recharge_hours: ServiceHours = strawberry.field(description="When recharging 充值 is open 服务时间.")
    recharge_minimum: Money = strawberry.field(description="The smallest recharge 最低充值金额.")
    recharge_maximum: Money = strawberry.field(description="The largest recharge 最高充值金额.")
    recharge_presets: list[Money] = strawberry.field(description="The amounts offered as buttons 常用金额.")
    wallet_types: list[WalletType] = strawberry.field(
        description="The wallet types 钱包类型 one may recharge."
    )
    default_wallet_type: WalletType = strawberry.field(
        description="The wallet type 钱包类型 chosen beforehand."
    )
    recharge_methods: list[RechargeMethod] = strawberry.field(
        description="The ways of paying 支付方式 for a recharge, of those that are connected."
    )
    payment_limit_once: Money = strawberry.field(description="The most one payment may take 单笔限额.")
    payment_limit_day: Money = strawberry.field(
        description="The most all payments of a day may take 单日限额."
    )

    @classmethod
    def of(cls, rules: policy.Policy, context: Context) -> Self:
        return cls(
            recharge_hours=ServiceHours.of(rules.recharge_hours, context),
            recharge_minimum=Money(rules.recharge_minimum_fen),
            recharge_maximum=Money(rules.recharge_maximum_fen),
            recharge_presets=[Money(fen) for fen in rules.recharge_presets_fen],
            wallet_types=list(rules.wallet_types),
            default_wallet_type=rules.default_wallet_type,
            recharge_methods=list(offered_channels(context.parts)),
            payment_limit_once=Money(rules.payment_limit_once_fen),
            payment_limit_day=Money(rules.payment_limit_day_fen),
        )


@strawberry.type(description="The school 学校 this installation belongs to. Everybody may read it.")
class School:
    name: str = strawberry.field(description="Its name 学校名称.")
    policy: Policy = strawberry.field(description="What it has set 规则.")
    sandbox: bool = strawberry.field(
        description="Is this a pretend campus 演示环境, with invented people and money?"
    )
    wechat_bridge_url: str = strawberry.field(
        description="Where the page loads WeChat's script jweixin.js from; in a pretend campus it is a "
        "pretend one."
    )

    @classmethod
    def of(cls, context: Context) -> Self:
        parts = context.parts
        return cls(
            name=parts.settings.school_name,
            policy=Policy.of(parts.policy, context),
            sandbox=parts.settings.sandbox,
            wechat_bridge_url=parts.settings.wechat.bridge_url,
        )
