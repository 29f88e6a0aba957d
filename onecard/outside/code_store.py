"""Payment codes on their way to a till: code → holder. Redis, so losable; the claim is the database's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class CodeStoreUnavailable(Exception):
    """Redis did not answer in time; nothing is known about the code."""


@dataclass(frozen=True, slots=True)
class CodeHolder:
    """Whose code it is. `payer` is the masked name (张*), so that a till needs no look into the register."""

    account_id: str
    payer: str
    issued_at: datetime
    expires_at: datetime


class CodeStore(Protocol):
    async def put(self, code: str, holder: CodeHolder) -> None:
        """Remember until KEPT_AFTER_EXPIRY_S after it expires, so that expired differs from unknown."""

    async def find(self, code: str) -> CodeHolder | None: ...
