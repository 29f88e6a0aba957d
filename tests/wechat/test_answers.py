"""The real part when WeChat Pay is slow, down, or not WeChat: transient and final failures told apart."""

from __future__ import annotations

import dataclasses
import json
from datetime import timedelta
from pathlib import Path

import pytest
from support.waiting import until
from support.wechat import (
    ManualClock,
    Sandbox,
    School,
    prepare_home,
    running_sandbox,
)

from onecard.outside import wechat_pay_v3
from onecard.outside.payments import PaymentNotice, PaymentState, RefundState
from onecard.outside.providers import ProviderRefused, ProviderUnavailable
from onecard.outside.wechat_pay_v3 import WechatPayConfig, WechatPayV3
from onecard.settings import Settings, SettingsError
from sandbox.wechat_keys import environment, load_keys


async def _order(pay: WechatPayV3, sandbox: Sandbox, number: str = "RCH0000001", fen: int = 5000) -> str:
    expires_at = ManualClock()() + timedelta(hours=2)
    return await pay.prepay(number, fen, sandbox.openid(), "校园卡充值", expires_at)


async def test_a_prepay_whose_answer_is_lost_may_be_repeated(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wechat_pay_v3, "READ_S", 0.2)
    async with sandbox.pay() as pay:
        await sandbox.control("faults", {"prepay": "slow", "slow_s": 2})
        with pytest.raises(ProviderUnavailable):
            await _order(pay, sandbox)
        await sandbox.control("faults", {"prepay": "ok"})
        assert await _order(pay, sandbox)
        assert (await pay.query("RCH0000001")).state is PaymentState.NOTPAY


async def test_the_whole_call_has_a_bound(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wechat_pay_v3, "CALL_S", 0.2)
    async with sandbox.pay() as pay:
        await sandbox.control("faults", {"prepay": "slow", "slow_s": 2})
        with pytest.raises(ProviderUnavailable):
            await _order(pay, sandbox)


async def test_an_error_of_theirs_is_transient(sandbox: Sandbox) -> None:
    async with sandbox.pay() as pay:
        await sandbox.control("faults", {"prepay": "unavailable", "query": "unavailable"})
        with pytest.raises(ProviderUnavailable):
            await _order(pay, sandbox)
        for ask in (pay.query("RCH0000001"), pay.query_refund("RFD01")):
            with pytest.raises(ProviderUnavailable):
                await ask


async def test_nobody_there_is_transient(sandbox: Sandbox) -> None:
    config = WechatPayConfig.from_settings(sandbox.settings())
    async with WechatPayV3(dataclasses.replace(config, gateway="http://127.0.0.1:9"), ManualClock()) as pay:
        with pytest.raises(ProviderUnavailable):
            await pay.query("RCH0000001")


async def test_an_order_that_is_being_paid_is_not_closed(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def paying(**_: object) -> tuple[int, str]:
        return 202, '{"code": "USERPAYING", "message": "用户支付中，需要输入密码"}'

    async with sandbox.pay() as pay:
        monkeypatch.setattr(pay._client, "close", paying)
        with pytest.raises(ProviderUnavailable, match="USERPAYING"):
            await pay.close("RCH0000001")


@pytest.mark.parametrize("fault", ["forged", "stale"])
async def test_an_answer_that_is_not_wechats_is_not_believed(sandbox: Sandbox, fault: str) -> None:
    async with sandbox.pay() as pay:
        await _order(pay, sandbox)
        await sandbox.control("faults", {"answer": fault})
        with pytest.raises(ProviderUnavailable):
            await pay.query("RCH0000001")
        with pytest.raises(ProviderUnavailable):  # not even a "no such order"
            await pay.query("RCH404404")
        await sandbox.control("faults", {"answer": "signed"})
        assert (await pay.query("RCH0000001")).state is PaymentState.NOTPAY


async def test_an_answer_signed_with_another_key_is_not_believed(sandbox: Sandbox, tmp_path: Path) -> None:
    other = load_keys(tmp_path / "other")
    config = WechatPayConfig.from_settings(sandbox.settings())
    keys = {sandbox.world.keys.names.public_key_id: other.read("platform_public.pem").decode()}
    async with WechatPayV3(dataclasses.replace(config, public_keys=keys), ManualClock()) as pay:
        with pytest.raises(ProviderUnavailable):
            await _order(pay, sandbox)


async def test_a_request_wechat_cannot_prove_is_refused_for_good(sandbox: Sandbox, tmp_path: Path) -> None:
    other = load_keys(tmp_path / "other")
    config = WechatPayConfig.from_settings(sandbox.settings())
    for changes in (
        {"mch_private_key": other.read("merchant_key.pem").decode()},
        {"mch_serial_no": "00"},
        {"mch_id": "1900000001"},
    ):
        async with WechatPayV3(dataclasses.replace(config, **changes), ManualClock()) as pay:
            with pytest.raises(ProviderRefused) as refused:
                await _order(pay, sandbox)
            assert refused.value.code == "SIGN_ERROR"
    assert sandbox.world.trades.newest(10) == []


async def test_a_lost_notification_is_found_by_asking(sandbox: Sandbox, school: School) -> None:
    async with sandbox.pay(school) as pay:
        await sandbox.control("faults", {"notify": "drop"})
        await _order(pay, sandbox)
        await sandbox.control("orders/RCH0000001/pay")
        found = await pay.query("RCH0000001")
        assert (found.state, found.paid_fen) == (PaymentState.SUCCESS, 5000)
        assert school.received == []
        await sandbox.control("orders/RCH0000001/notify_again")
        await until(lambda: school.received, "the notification after all")
        notice = pay.read_notification(*school.about("pay")[0])
        assert isinstance(notice, PaymentNotice)
        assert notice.transaction_id == found.transaction_id


async def test_another_amount_is_told_alike_by_notice_and_query(sandbox: Sandbox, school: School) -> None:
    async with sandbox.pay(school) as pay:
        await sandbox.control("faults", {"notify": "wrong_amount"})
        await _order(pay, sandbox)
        await sandbox.control("orders/RCH0000001/pay")
        await until(lambda: school.received, "the notification")
        notice = pay.read_notification(*school.about("pay")[0])
        assert isinstance(notice, PaymentNotice)
        assert notice.paid_fen == 4999 == (await pay.query("RCH0000001")).paid_fen
        back = await pay.refund(
            "RFD01", refund_fen=4999, total_fen=4999, reason="金额不符", transaction_id=notice.transaction_id
        )
        assert back.state is RefundState.PROCESSING


async def test_money_for_an_order_nobody_made_can_be_given_back(sandbox: Sandbox, school: School) -> None:
    async with sandbox.pay(school) as pay:
        await sandbox.control("faults", {"notify": "unknown_order"})
        await _order(pay, sandbox)
        await sandbox.control("orders/RCH0000001/pay")
        await until(lambda: school.received, "the notification")
        notice = pay.read_notification(*school.about("pay")[0])
        assert isinstance(notice, PaymentNotice)
        assert notice.out_trade_no != "RCH0000001"
        assert (await pay.query("RCH0000001")).state is PaymentState.NOTPAY
        await pay.refund(
            "RFD01", refund_fen=5000, total_fen=5000, reason="无此订单", transaction_id=notice.transaction_id
        )


@pytest.mark.parametrize("previous_id", ["PUB_KEY_ID_0119", "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"])
async def test_while_keys_are_exchanged_either_is_wechats(
    tmp_path: Path, school: School, previous_id: str
) -> None:
    """An older public key, or a platform certificate by its serial number; in notifications and in answers."""
    home, new = prepare_home(tmp_path / "old"), load_keys(tmp_path / "new")
    names = home / "sandbox" / "wechat" / "names.json"
    names.write_text(json.dumps(json.loads(names.read_text()) | {"public_key_id": previous_id}))
    async with running_sandbox(home) as sandbox:
        settings = sandbox.settings(school)
        exchanging = dataclasses.replace(
            settings.wechat,
            pay_public_key_file=new.folder / "platform_public.pem",
            pay_public_key_id=new.names.public_key_id,
            pay_previous_key_file=settings.wechat.pay_public_key_file,
            pay_previous_key_id=previous_id,
        )
        config = WechatPayConfig.from_settings(dataclasses.replace(settings, wechat=exchanging))
        async with WechatPayV3(config, ManualClock()) as pay:
            await _order(pay, sandbox)
            await sandbox.control("orders/RCH0000001/pay")
            assert (await pay.query("RCH0000001")).state is PaymentState.SUCCESS
            await until(lambda: school.received, "the notification, signed with the previous key")
            assert pay.read_notification(*school.about("pay")[0])


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    env = {"ONECARD_HOME": str(tmp_path), "ONECARD_DATABASE_URL": "x", "ONECARD_REDIS_URL": "x"}
    with pytest.raises(SettingsError, match="ONECARD_WECHAT_APP_ID"):
        WechatPayConfig.from_settings(Settings.from_env(env))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("mch_private_key_file", "no key"),
        ("mch_private_key_file", "platform_public.pem"),
        ("pay_public_key_file", "no key"),
        ("pay_public_key_file", "merchant_key.pem"),
        ("pay_previous_key_file", "platform_public.pem"),  # and no id for it
    ],
)
def test_a_file_that_is_not_the_key_is_named(tmp_path: Path, name: str, content: str) -> None:
    keys = load_keys(prepare_home(tmp_path))
    (tmp_path / "odd.pem").write_bytes(keys.read(content) if content.endswith(".pem") else content.encode())
    env = environment(tmp_path, "127.0.0.1", 1, 2)
    needed = {"ONECARD_HOME": str(tmp_path), "ONECARD_DATABASE_URL": "x", "ONECARD_REDIS_URL": "x"}
    settings = Settings.from_env(env | needed | {f"ONECARD_WECHAT_{name.upper()}": str(tmp_path / "odd.pem")})
    with pytest.raises(SettingsError, match=f"ONECARD_WECHAT_{name.upper().removesuffix('_FILE')}") as told:
        WechatPayConfig.from_settings(settings)
    assert "BEGIN" not in str(told.value)


def test_the_previous_key_is_another_one(sandbox: Sandbox) -> None:
    settings = sandbox.settings()
    ours = settings.wechat
    twice = dataclasses.replace(
        ours, pay_previous_key_id=ours.pay_public_key_id, pay_previous_key_file=ours.pay_public_key_file
    )
    with pytest.raises(SettingsError, match="PAY_PREVIOUS_KEY_ID"):
        WechatPayConfig.from_settings(dataclasses.replace(settings, wechat=twice))


def test_secrets_stay_out_of_repr(tmp_path: Path) -> None:
    keys = load_keys(prepare_home(tmp_path))
    config = WechatPayConfig(
        "http://x", "wx", "19", "00", "PRIVATE", {"k": "PUBLIC"}, keys.names.api_v3_key, "http://y"
    )
    assert "PRIVATE" not in repr(config)
    assert keys.names.api_v3_key not in repr(config) + repr(keys)
