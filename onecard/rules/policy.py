"""What a school may set, with the defaults of its rules; one frozen value, loaded once at start."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import date, time
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import Any

from onecard.rules.energy import parse_kwh
from onecard.rules.hours import ServiceHours, read_hours, read_wall_time
from onecard.rules.json_values import check_entries, read_flag, read_whole
from onecard.rules.kinds import PayMethod, RechargeMethod, WalletType
from onecard.rules.money import parse_yuan
from onecard.rules.power_policy import PowerPolicy, read_power_policy
from onecard.rules.tariffs import Step, Tariff


class PaymentMode(StrEnum):
    """May this purchase start? STRICT: available > 0 and enough. POSITIVE: available > 0, then ≥ −limit."""

    STRICT = "STRICT"
    POSITIVE = "POSITIVE"


_POWER = PowerPolicy()
_RECHARGE_HOURS = ServiceHours(time(5, 0), time(22, 55))
# WeChat takes no order that ends sooner, and its payment sheet opens no longer for one that was made before.
_SHORTEST_ORDER_S, _LONGEST_ORDER_S = 120, 2 * 3600
_LONGEST_COUNT_S = 24 * 3600  # the worker forgets older tries


@dataclass(frozen=True, slots=True)
class Policy:
    recharge_hours: ServiceHours = _RECHARGE_HOURS
    recharge_minimum_fen: int = 1
    recharge_maximum_fen: int = 50_000
    recharge_presets_fen: tuple[int, ...] = (
        3_000,
        5_000,
        10_000,
        20_000,
        30_000,
        50_000,
    )
    wallet_types: tuple[WalletType, ...] = (WalletType.CARD_ACCOUNT, WalletType.ELECTRONIC)
    default_wallet_type: WalletType = WalletType.CARD_ACCOUNT
    recharge_methods: tuple[RechargeMethod, ...] = tuple(RechargeMethod)  # of them, those that are connected
    recharge_expires_s: int = 2 * 3600
    recharge_orders_most: int = 10  # new orders of one person …
    recharge_orders_within_s: int = 600  # … within this

    payment_limit_once_fen: int = 30_000
    payment_limit_day_fen: int = 50_000
    payment_mode: PaymentMode = PaymentMode.STRICT
    overdraft_limit_fen: int = 0  # only POSITIVE looks at it

    electricity_minimum_fen: int = 1
    electricity_maximum_fen: int = 50_000
    electricity_presets_fen: tuple[int, ...] = (1_000, 2_000, 3_000, 5_000, 10_000, 20_000)
    electricity_methods: tuple[PayMethod, ...] = tuple(PayMethod)  # of them, those that are connected
    electricity_expires_s: int = 1800
    power_merchant: str = "power"  # its code: who is paid for electricity
    tariffs: tuple[Tariff, ...] = (Tariff(date(2020, 1, 1), (Step(None, Decimal("0.5583")),)),)
    reading_stale_s: int = 3600  # a reading older than this is shown as old
    consumption_posted_s: int = 6 * 3600  # how often what ran goes into the ledger, and
    consumption_step_wh: int = 5_000  # … at the latest after so much
    power: PowerPolicy = _POWER

    code_valid_s: int = 60
    code_renew_s: int = 45

    hold_expires_s: int = 3600

    day_closes_at: time = time(23, 0)

    def __post_init__(self) -> None:
        positive = [row.name for row in fields(self) if row.name.endswith("_s")]
        problems = [f"{name} must be above 0" for name in positive if getattr(self, name) <= 0]
        if not 0 < self.recharge_minimum_fen <= self.recharge_maximum_fen:
            problems.append("recharge_minimum must be above 0 and at most recharge_maximum")
        elif not all(
            self.recharge_minimum_fen <= preset <= self.recharge_maximum_fen
            for preset in self.recharge_presets_fen
        ):
            problems.append("recharge_presets must lie between recharge_minimum and recharge_maximum")
        if not self.recharge_methods:
            problems.append("recharge_methods must be one or more")
        if not 0 < self.payment_limit_once_fen <= self.payment_limit_day_fen:
            problems.append("payment_limit_once must be above 0 and at most payment_limit_day")
        if self.overdraft_limit_fen < 0:
            problems.append("overdraft_limit must not be negative")
        if not self.wallet_types or self.default_wallet_type not in self.wallet_types:
            problems.append("default_wallet_type must be one of wallet_types")
        if not _SHORTEST_ORDER_S <= self.recharge_expires_s <= _LONGEST_ORDER_S:
            problems.append(f"recharge_expires_s must be {_SHORTEST_ORDER_S} to {_LONGEST_ORDER_S}")
        if self.recharge_orders_most <= 0:
            problems.append("recharge_orders_most must be above 0")
        if self.recharge_orders_within_s > _LONGEST_COUNT_S:
            problems.append(f"recharge_orders_within_s must be at most {_LONGEST_COUNT_S}")
        if not 0 < self.electricity_minimum_fen <= self.electricity_maximum_fen:
            problems.append("electricity_minimum must be above 0 and at most electricity_maximum")
        elif not all(
            self.electricity_minimum_fen <= preset <= self.electricity_maximum_fen
            for preset in self.electricity_presets_fen
        ):
            problems.append(
                "electricity_presets must lie between electricity_minimum and electricity_maximum"
            )
        if not self.electricity_methods:
            problems.append("electricity_methods must be one or more")
        if not _SHORTEST_ORDER_S <= self.electricity_expires_s <= _LONGEST_ORDER_S:
            problems.append(f"electricity_expires_s must be {_SHORTEST_ORDER_S} to {_LONGEST_ORDER_S}")
        if not self.tariffs or len({tariff.since for tariff in self.tariffs}) < len(self.tariffs):
            problems.append("tariffs must be one or more, each from another day on")
        if self.consumption_step_wh <= 0:
            problems.append("consumption_step_wh must be above 0")
        if self.code_renew_s >= self.code_valid_s:
            problems.append("code_renew_s must be below code_valid_s")
        if problems:
            raise ValueError("policy: " + "; ".join(problems))


def load_policy(path: Path | None) -> Policy:
    """The defaults, with what the JSON file says instead. ValueError names the entry that is wrong.

    Amounts are yuan under the name without `_fen` (`"payment_limit_once": "200.00"`), hours are
    `["05:00", "22:55"]`, times `"23:00"`, counts and seconds whole numbers under their own name.
    """
    if path is None:
        return Policy()
    try:
        read = json.loads(path.read_text("utf-8"))
    except json.JSONDecodeError as problem:
        raise ValueError(f"policy file {path}: {problem}") from problem
    if not isinstance(read, dict):
        raise ValueError(f"policy file {path}: an object is wanted")
    known = {row.name.removesuffix("_fen"): row.name for row in fields(Policy)}
    values: dict[str, Any] = {}
    for name, value in read.items():
        if name not in known:
            raise ValueError(f"policy file {path}: no such entry: {name}")
        try:
            values[known[name]] = _read(known[name], value)
        except (TypeError, ValueError, KeyError) as problem:
            raise ValueError(f"policy file {path}: {name}: {problem}") from problem
    return Policy(**values)


def _read(name: str, value: Any) -> object:
    if name.endswith("_presets_fen"):
        return tuple(parse_yuan(one) for one in value)
    if name.endswith("_fen"):
        return parse_yuan(value)
    if name == "power":
        return read_power_policy(value)
    if name == "tariffs":
        return tuple(_tariff(one) for one in value)
    if name == "electricity_methods":
        return tuple(PayMethod(one) for one in value)
    if name == "power_merchant":
        return str(value)
    if name.endswith(("_s", "_most", "_wh")):
        return read_whole(value)
    if name.endswith("_hours"):
        return read_hours(value)
    if name == "day_closes_at":
        return read_wall_time(value)
    if name == "payment_mode":
        return PaymentMode(value)
    if name == "default_wallet_type":
        return WalletType(value)
    if name == "wallet_types":
        return tuple(WalletType(one) for one in value)
    assert name == "recharge_methods", name
    return tuple(RechargeMethod(one) for one in value)


def _tariff(given: dict[str, Any]) -> Tariff:
    """`{"since": "2026-09-01", "steps": [{"up_to_kwh": "150", "price": "0.50"}, {"price": "0.60"}],
    "quota_kwh": "8", "quota_lapses": true}`"""
    check_entries(given, {"since", "steps", "quota_kwh", "quota_lapses"}, "a tariff")
    return Tariff(
        date.fromisoformat(given["since"]),
        tuple(
            Step(
                None if step.get("up_to_kwh") is None else parse_kwh(step["up_to_kwh"]), _price(step["price"])
            )
            for step in given["steps"]
        ),
        parse_kwh(given.get("quota_kwh", "0")),
        read_flag(given.get("quota_lapses", True)),
    )


def _price(text: object) -> Decimal:
    """Yuan for a kWh, as text: exact."""
    if not isinstance(text, str):
        raise ValueError("a price is a decimal string in yuan for a kWh")
    try:
        price = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"no price: {text!r}") from error
    if not price.is_finite():
        raise ValueError(f"no price: {text!r}")
    return price
