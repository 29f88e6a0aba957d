"""Chooses the parts: settings in, `Parts` out. The only place that knows which part is the real one.

`async with build(settings) as parts:` connects PostgreSQL, Redis and WeChat and closes them again in the
opposite order. A sandbox is other addresses in the settings, not other code.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TypeVar

import tortoise.context
from tortoise.context import TortoiseContext

from onecard.actions.parts import Parts, Records
from onecard.ledger.book import Book
from onecard.ledger.recharges import Recharges
from onecard.migrations import tortoise_config
from onecard.outside.bank_http import BankHttp
from onecard.outside.code_store import RedisCodeStore
from onecard.outside.events import RedisEvents
from onecard.outside.online_payment_http import OnlinePaymentHttp
from onecard.outside.provider_http import ProviderConfig, ProviderHttp
from onecard.outside.rate_limits import RedisRateLimits
from onecard.outside.redis_client import open_redis
from onecard.outside.wechat_pay_v3 import WechatPayConfig, WechatPayV3
from onecard.outside.wecom_http import WecomConfig, WecomHttp
from onecard.registry.access import Registry
from onecard.registry.vault import Vault, read_keys, read_or_make_keys
from onecard.rules.clock import Clock, system_clock
from onecard.rules.policy import load_policy
from onecard.settings import Settings, SignedProviderSettings

Signed = TypeVar("Signed", bound=ProviderHttp)


@asynccontextmanager
async def build(
    settings: Settings, *, clock: Clock = system_clock, application_name: str = "onecard"
) -> AsyncIterator[Parts]:
    """SettingsError, VaultError or ValueError (policy) when something is missing; the sentence says what."""
    async with AsyncExitStack() as stack:
        records = await stack.enter_async_context(
            open_records(settings, clock=clock, application_name=application_name)
        )
        redis = open_redis(settings.redis_url)
        stack.push_async_callback(redis.aclose)
        registry = Registry(records.database, records.vault)
        events = await stack.enter_async_context(
            RedisEvents(
                redis, settings.school, on_terminal=registry.forget_terminal, on_gap=registry.forget_all
            )
        )
        wechat_pay = await stack.enter_async_context(
            WechatPayV3(WechatPayConfig.from_settings(settings), clock)
        )
        wecom = await stack.enter_async_context(WecomHttp(WecomConfig.from_settings(settings), clock, redis))

        async def connected(kind: type[Signed], given: SignedProviderSettings | None) -> Signed | None:
            """None where the school has none."""
            if given is None:
                return None
            provider = kind(
                ProviderConfig.from_settings(given, settings.public_url + kind.NOTIFY_PATH), clock
            )
            await stack.enter_async_context(provider)
            return provider

        yield Parts(
            settings=settings,
            policy=records.policy,
            clock=clock,
            database=records.database,
            book=records.book,
            recharges=records.recharges,
            registry=registry,
            codes=RedisCodeStore(redis, settings.school, clock),
            events=events,
            limits=RedisRateLimits(redis, settings.school),
            wechat_pay=wechat_pay,
            wecom=wecom,
            online_payment=await connected(OnlinePaymentHttp, settings.online_payment),
            bank=await connected(BankHttp, settings.bank),
        )


@asynccontextmanager
async def open_records(
    settings: Settings, *, clock: Clock = system_clock, application_name: str = "onecard"
) -> AsyncIterator[Records]:
    """The database with its ledger and register, and nothing of the world outside."""
    policy = load_policy(settings.policy_file)
    vault = open_vault(settings)
    async with TortoiseContext() as context:
        # Requests run in tasks that the server made, not in ours: the first one opened is found from there.
        await context.init(
            config=tortoise_config(
                settings.database_url,
                settings.school,
                pool_max=settings.pool_max,
                application_name=application_name,
            ),
            _enable_global_fallback=tortoise.context._global_context is None,
        )
        database = context.connections.get("default")
        book = Book(database, policy, clock)
        await book.start()
        try:
            yield Records(policy, clock, database, book, Recharges(database), vault)
        finally:
            await book.aclose()


def open_vault(settings: Settings) -> Vault:
    """From ONECARD_REGISTRY_KEY, else from the key file, which is made on first use."""
    if settings.registry_key:
        return Vault(read_keys(settings.registry_key))
    return Vault(read_or_make_keys(settings.registry_key_file))
