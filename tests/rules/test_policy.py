import json
import re
from datetime import time
from pathlib import Path

import pytest

from onecard.rules.kinds import WalletType
from onecard.rules.policy import PaymentMode, Policy, load_policy

pytestmark = pytest.mark.pure


def test_the_defaults_are_the_rules_own():
    policy = load_policy(None)
    assert (policy.payment_limit_once_fen, policy.payment_limit_day_fen) == (30_000, 50_000)
    assert (policy.recharge_minimum_fen, policy.recharge_maximum_fen) == (1, 50_000)
    assert (policy.recharge_hours.opens_at, policy.recharge_hours.closes_at) == (time(5), time(22, 55))
    assert policy.default_wallet_type is WalletType.CARD_ACCOUNT
    assert policy.payment_mode is PaymentMode.STRICT
    assert policy.day_closes_at == time(23)


def test_a_file_changes_what_it_names(tmp_path):
    path = tmp_path / "policy.json"
    path.write_text(
        json.dumps(
            {
                "payment_limit_once": "200.00",
                "recharge_hours": ["00:00", "00:00"],
                "recharge_presets": ["1.00", "2.50"],
                "wallet_types": ["ELECTRONIC"],
                "default_wallet_type": "ELECTRONIC",
                "recharge_methods": ["WECHAT"],
                "payment_mode": "POSITIVE",
                "overdraft_limit": "2.00",
                "code_valid_s": 90,
                "day_closes_at": "22:30",
            }
        )
    )
    policy = load_policy(path)
    assert policy.payment_limit_once_fen == 20_000
    assert policy.recharge_presets_fen == (100, 250)
    assert policy.wallet_types == (WalletType.ELECTRONIC,)
    assert policy.overdraft_limit_fen == 200
    assert policy.code_valid_s == 90
    assert policy.payment_limit_day_fen == 50_000


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "policy file"),
        ("[]", "an object"),
        ('{"payment_limit": "1"}', "no such entry: payment_limit"),
        ('{"payment_limit_once": 200}', "payment_limit_once"),
        ('{"payment_limit_once": "1.234"}', "payment_limit_once"),
        ('{"code_valid_s": "90"}', "code_valid_s"),
        ('{"code_valid_s": true}', "code_valid_s"),
        ('{"recharge_expires_s": 60}', "recharge_expires_s must be 120 to 7200"),
        ('{"recharge_expires_s": 7201}', "recharge_expires_s must be 120 to 7200"),
        ('{"recharge_orders_most": 0}', "recharge_orders_most must be above 0"),
        ('{"recharge_orders_most": "10"}', "recharge_orders_most: a whole number"),
        ('{"recharge_orders_within_s": 86401}', "recharge_orders_within_s must be at most 86400"),
        ('{"recharge_hours": ["05:00"]}', "recharge_hours"),
        ('{"recharge_hours": ["5", "25:00"]}', "recharge_hours"),
        ('{"default_wallet_type": "GOLD"}', "default_wallet_type"),
        ('{"payment_limit_once": "600.00"}', "at most payment_limit_day"),
        ('{"recharge_minimum": "0"}', "recharge_minimum"),
        ('{"wallet_types": []}', "default_wallet_type"),
        ('{"code_renew_s": 60}', "code_renew_s"),
        ('{"hold_expires_s": 0}', "hold_expires_s"),
        ('{"overdraft_limit": "-1"}', "overdraft_limit"),
        ('{"day_closes_at": "23:00+08:00"}', "day_closes_at: .*without an offset"),
        ('{"recharge_hours": ["05:00", "22:55Z"]}', "recharge_hours: .*without an offset"),
        ('{"recharge_maximum": "200.00"}', "recharge_presets"),
        ('{"recharge_methods": []}', "recharge_methods must be one or more"),
        ('{"recharge_methods": ["CARD_ACCOUNT"]}', "recharge_methods"),
        ('{"electricity_methods": []}', "electricity_methods must be one or more"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, text, said):
    path = tmp_path / "policy.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=said):
        load_policy(path)


def test_a_policy_is_one_value():
    assert Policy() == Policy()


def test_the_policies_that_the_handbook_shows_are_read(tmp_path):
    handbook = (Path(__file__).parents[2] / "docs" / "electricity.md").read_text("utf-8")
    policies = []
    for shown in re.findall(r"^```json\n(.*?)^```", handbook, re.M | re.S):
        path = tmp_path / "policy.json"
        path.write_text(shown, "utf-8")
        policies.append(load_policy(path))
    prices, power = policies
    assert [tariff.quota_wh for tariff in prices.tariffs] == [0, 8_000]
    assert prices.electricity_presets_fen == (1_000, 3_000, 5_000)
    assert [night.off_at for night in power.power.nights] == [time(23), time(23, 30)]
    assert power.power.emergency_wh == 5_000
