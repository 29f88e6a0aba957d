"""Pay links 缴费链接: /pay/TOKEN → WeChat says who it is → /auth/guest/callback → the page, which asks /auth/guest
for tokens. The link itself is in no address after that, and in no Referer.
"""

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.auth import json_answer, redirect, same_origin
from api.memo import LOGIN_WITHIN_S, Memos
from api.sorry import sorry_page
from api.throttle import LOGINS, Throttle
from api.tokens import PERSON_LIVES, Tokens
from onecard.actions.parts import Parts
from onecard.actions.pay_links import link_of_guest, read_token
from onecard.outside.providers import ProviderRefused, ProviderUnavailable
from onecard.registry.vault import Vault
from onecard.rules.access import Guest

log = structlog.get_logger(__name__)

COOKIE = "onecard_guest"
PATH = "/auth/guest"
GOOD_FOR_S = 2 * 3600  # longer than any order waits to be paid
PAGE = "/#/pay"


class Guests:
    def __init__(self, parts: Parts, tokens: Tokens, vault: Vault, throttle: Throttle) -> None:
        self._parts = parts
        self._tokens = tokens
        self._throttle = throttle
        self._under_way = Memos(vault, parts.clock, "guest login")
        self._known = Memos(vault, parts.clock, "guest")
        self._secure = parts.settings.public_url.startswith("https://")

    def routes(self) -> list[Route]:
        return [
            Route("/pay/{token}", self.open, methods=["GET"]),
            Route(f"{PATH}/callback", self.callback, methods=["GET"]),
            Route(PATH, self.token, methods=["POST"]),
        ]

    async def open(self, request: Request) -> Response:
        """A link was opened: WeChat is asked who pays."""
        if wait := await self._too_many(request):
            return wait
        link = await read_token(self._parts, request.path_params["token"])
        if link is None:
            return sorry_page(
                404,
                "链接已失效",
                "请向给您链接的同学要一个新的。 This payment link is no longer good; ask for a new one.",
            )
        state, memo = self._under_way.begin({"link": link.id})
        address = self._parts.wecom.authorize_url(state, f"{self._parts.settings.public_url}{PATH}/callback")
        return self._with_cookie(redirect(address), memo, LOGIN_WITHIN_S)

    async def callback(self, request: Request) -> Response:
        """WeChat sent the browser back with a code that works once."""
        if wait := await self._too_many(request):
            return wait
        code = request.query_params.get("code", "")
        memo = self._under_way.answer(request.cookies.get(COOKIE, ""), request.query_params.get("state", ""))
        if memo is None or not 0 < len(code) <= 512:
            return sorry_page(400, "没有打开", "请重新打开缴费链接。 Please open the payment link again.")
        try:
            openid = await self._parts.wecom.find_payer(code)
        except ProviderRefused as refused:
            log.info("guest_refused", why=refused.code)
            return sorry_page(
                403, "没有打开", "微信没有确认您的身份，请重新打开链接。 WeChat did not confirm who you are."
            )
        except ProviderUnavailable:
            return sorry_page(
                503, "没有打开", "微信暂时没有应答，请稍后再试。 WeChat does not answer; try again."
            )
        log.info("guest_opened", link=memo["link"])
        sealed = self._known.seal({"link": memo["link"], "openid": openid}, GOOD_FOR_S)
        return self._with_cookie(redirect(PAGE), sealed, GOOD_FOR_S)

    async def token(self, request: Request) -> Response:
        """An access token for whoever opened a link that is still good."""
        if not same_origin(request.headers, self._parts.settings.public_url):
            return json_answer({"error": "FORBIDDEN"}, 403)
        if wait := await self._too_many(request):
            return wait
        memo = self._known.unseal(request.cookies.get(COOKIE, ""))
        if memo is None:
            return json_answer({"error": "UNAUTHENTICATED"}, 401)
        guest = Guest(memo["link"], memo["openid"])
        if await link_of_guest(self._parts, guest) is None:
            return json_answer({"error": "UNAUTHENTICATED"}, 401)
        token = self._tokens.sign_guest(guest.link_id, guest.openid)
        return json_answer({"accessToken": token, "expiresIn": int(PERSON_LIVES.total_seconds())}, 200)

    async def _too_many(self, request: Request) -> Response | None:
        wait_s = await self._throttle.take(LOGINS, request.client.host if request.client else "?")
        if wait_s is None:
            return None
        return json_answer({"error": "RATE_LIMITED"}, 429, {"retry-after": str(wait_s)})

    def _with_cookie(self, response: Response, value: str, seconds: int) -> Response:
        response.set_cookie(
            COOKIE, value, max_age=seconds, path=PATH, httponly=True, samesite="lax", secure=self._secure
        )
        return response
