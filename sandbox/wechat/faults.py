"""What the sandbox was told to do wrong. Each stays until it is told otherwise."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sandbox.wechat.store import Store

CHOICES: dict[str, tuple[str, ...]] = {  # the first is the default: all well
    "payment": ("ok", "cancel", "fail"),  # what 支付 in the sheet does
    "notify": ("send", "drop", "double", "tamper", "late", "wrong_amount", "unknown_order"),
    "query": ("ok", "unavailable"),
    "refund": ("ok", "fail", "late"),  # late: accepted, and ended by hand
    "prepay": ("ok", "unavailable", "slow"),  # of code payments too
    "codepay": ("ok", "password", "timeout", "not_enough"),  # what becomes of a scanned code
    "bill": ("ok", "missing_row", "extra_row", "wrong_amount", "bad_hash"),
    "bill_time": ("next_day", "at_once"),  # at_once: a day's bill without waiting for 10:00 after it
    "answer": ("signed", "forged", "stale"),  # of the pay API
    "login": ("member", "outsider", "snapshot"),
    "token": ("ok", "expired"),  # expired: no access token that was handed out before now holds
}
SECONDS = {"late_s": 30.0, "slow_s": 20.0, "refund_s": 2.0, "password_s": 5.0, "timeout_s": 45.0}
LONGEST_S = 86_400.0


class FaultUnknown(Exception):
    """No such fault, or not with this value."""


class Faults:
    def __init__(self, store: Store) -> None:
        self._store = store
        row = store.find("SELECT value FROM setting WHERE name = 'faults'")
        kept = json.loads(row["value"]) if row else {}
        self._choices: dict[str, str] = {name: kept.get(name, values[0]) for name, values in CHOICES.items()}
        self._seconds = {name: float(kept.get(name, default)) for name, default in SECONDS.items()}

    def __getitem__(self, name: str) -> str:
        return self._choices[name]

    def seconds(self, name: str) -> float:
        return self._seconds[name]

    def as_json(self) -> dict[str, str | float]:
        return {**self._choices, **self._seconds}

    def set(self, changes: Mapping[str, object]) -> None:
        """All of them or none."""
        for name, value in changes.items():
            if name in CHOICES and value in CHOICES[name]:
                continue
            number = type(value) in (int, float) and name in SECONDS
            if not (number and 0 <= float(str(value)) <= LONGEST_S):
                raise FaultUnknown(f"{name}: {', '.join(CHOICES.get(name, ())) or '0 … 86400'}")
        for name, value in changes.items():
            if name in CHOICES:
                self._choices[name] = str(value)
            else:
                self._seconds[name] = float(str(value))
        self._keep()

    def clear(self) -> None:
        self._choices = {name: values[0] for name, values in CHOICES.items()}
        self._seconds = dict(SECONDS)
        self._keep()

    def _keep(self) -> None:
        value = json.dumps(self.as_json())
        self._store.do("INSERT OR REPLACE INTO setting (name, value) VALUES ('faults', ?)", value)
