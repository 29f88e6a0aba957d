"""登录: a WeCom user becomes a login."""

from __future__ import annotations

from onecard.actions.parts import Parts
from onecard.registry.things import Login


async def log_in(parts: Parts, code: str) -> Login:
    """Exchange WeCom's OAuth `code` for its user and remember the login.

    Raises the port's errors: ProviderRefused (a used or old code), ProviderUnavailable.
    """
    raise NotImplementedError
