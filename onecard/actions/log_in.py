"""登录: a WeCom user becomes a login."""

from __future__ import annotations

import structlog

from onecard.actions.parts import Parts
from onecard.outside.providers import ProviderRefused, ProviderUnavailable
from onecard.registry.record import record_login
from onecard.registry.things import Login

log = structlog.get_logger(__name__)


async def log_in(parts: Parts, code: str) -> Login:
    """Exchange WeCom's OAuth `code` for its user and remember the login.

    Raises the port's errors: ProviderRefused (a used or old code), ProviderUnavailable.
    """
    user = await parts.wecom.find_user(code)
    openid: str | None = None
    try:
        openid = await parts.wecom.openid_of(user.userid)
    except (ProviderRefused, ProviderUnavailable) as problem:
        # Only recharging needs it, and asks again then; everything else works without.
        log.warning("no_openid_yet", problem=str(problem))
    login = await record_login(parts.database, user.userid, openid, parts.clock())
    log.info("logged_in", login=login.id, bound=login.person_id is not None)
    return login
