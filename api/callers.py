"""Who is calling, from a bearer token: a person as the register knows them now, a gateway, a guest, a dashboard."""

from dataclasses import dataclass

import structlog

from api.tokens import OPEN_DOCUMENTS, TokenRefused, Tokens
from onecard.registry.access import Registry
from onecard.registry.dashboards import PREFIX as DASHBOARD_PREFIX
from onecard.rules.access import Caller, Dashboard, Gateway, Guest, Nobody
from onecard.rules.clock import Clock

log = structlog.get_logger(__name__)

NOBODY = Nobody()


class Unauthenticated(Exception):
    """A token was sent that is no longer good, or never was."""


@dataclass(frozen=True, slots=True)
class Known:
    """A caller, whether they may send documents of their own, and until when the token lasts."""

    caller: Caller
    open_documents: bool = False
    expires_at: float | None = None

    @property
    def subject(self) -> str | None:
        """Whom to count requests for; None for nobody."""
        if isinstance(self.caller, Gateway):
            return self.caller.gateway_id
        if isinstance(self.caller, Guest):
            return self.caller.link_id
        if isinstance(self.caller, Dashboard):
            return self.caller.token_id
        return None if isinstance(self.caller, Nobody) else self.caller.login_id


class Callers:
    def __init__(self, tokens: Tokens, registry: Registry, clock: Clock, *, sandbox: bool) -> None:
        self._tokens = tokens
        self._registry = registry
        self._clock = clock
        self._sandbox = sandbox
        self._nobody = Known(NOBODY, open_documents=sandbox)

    async def find(self, authorization: str | None) -> Known:
        """From an Authorization header; without one it is nobody. Unauthenticated when it proves nothing."""
        if not authorization:
            return self._nobody
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated
        if token.startswith(DASHBOARD_PREFIX):
            dashboard = await self._registry.find_dashboard(token.strip(), self._clock())
            if dashboard is None:
                raise Unauthenticated
            return Known(dashboard, open_documents=True)
        try:
            claims = await self._tokens.verify(token.strip())
        except TokenRefused as refused:
            log.info("token_refused", why=str(refused))
            raise Unauthenticated from refused
        if claims.kind == "gateway":
            return Known(Gateway(claims.subject), self._sandbox, claims.expires_at)
        if claims.kind == "guest":
            return Known(Guest(claims.subject, claims.payer or ""), self._sandbox, claims.expires_at)
        person = await self._registry.find_caller(claims.subject)
        if person is None:
            raise Unauthenticated
        return Known(person, self._sandbox or OPEN_DOCUMENTS in claims.scopes, claims.expires_at)
