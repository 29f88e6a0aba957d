"""Logging in through WeCom: /auth/login → WeCom → /auth/callback → a cookie; /auth/refresh turns it into tokens.

The cookie holds a refresh token that is good once; the page holds a ten-minute access token in memory only."""

from datetime import datetime
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from api.memo import LOGIN_WITHIN_S, LONGEST_COOKIE, Memos
from api.sorry import sorry_page
from api.throttle import LOGINS, REFRESHES, Throttle
from api.tokens import PERSON_LIVES, Tokens
from onecard.actions.log_in import log_in
from onecard.actions.parts import Parts
from onecard.outside.providers import ProviderRefused, ProviderUnavailable
from onecard.registry.sessions import LIVES_FOR
from onecard.registry.vault import Vault

log = structlog.get_logger(__name__)

REFRESH_COOKIE = "onecard_refresh"
LOGIN_COOKIE = "onecard_login"
WHO_COOKIE = "onecard_who"
"""Readable by the page: the opaque id of the login, so that it shows nobody the picture another one saw last."""
LONGEST_NEXT = 500


class Auth:
    def __init__(self, parts: Parts, tokens: Tokens, vault: Vault, throttle: Throttle) -> None:
        self._parts = parts
        self._tokens = tokens
        self._memos = Memos(vault, parts.clock, "login")
        self._throttle = throttle
        self._secure = parts.settings.public_url.startswith("https://")

    def routes(self) -> list[Route]:
        return [
            Route("/auth/login", self.login, methods=["GET"]),
            Route("/auth/callback", self.callback, methods=["GET"]),
            Route("/auth/refresh", self.refresh, methods=["POST"]),
            Route("/auth/logout", self.logout, methods=["POST"]),
        ]

    async def login(self, request: Request) -> Response:
        """Send the browser to WeCom, with a cookie that lets it come back."""
        if wait := await self._too_many(request):
            return wait
        state, memo = self._memos.begin({"next": own_path(request.query_params.get("next"))})
        address = self._parts.wecom.authorize_url(state, f"{self._parts.settings.public_url}/auth/callback")
        response = redirect(address)
        self._set_cookie(response, LOGIN_COOKIE, memo, LOGIN_WITHIN_S)
        return response

    async def callback(self, request: Request) -> Response:
        """WeCom sent the browser back with a code that works once."""
        if wait := await self._too_many(request):
            return wait
        code = request.query_params.get("code", "")
        memo = self._memos.answer(
            request.cookies.get(LOGIN_COOKIE, ""), request.query_params.get("state", "")
        )
        if memo is None:
            # The cookie may be of a later tab, whose answer is still to come.
            return self._failed(
                "登录已过期，请重新登录。 This login took too long; please log in again.", 400, is_over=False
            )
        if not 0 < len(code) <= 512:
            return self._failed("登录没有完成。 The login was not completed.", 400)
        try:
            login = await log_in(self._parts, code)
        except ProviderRefused as refused:
            log.info("login_refused", why=refused.code)
            return self._failed(
                "企业微信没有确认您的身份，请重新登录。 WeCom did not confirm who you are.", 403
            )
        except ProviderUnavailable:
            return self._failed("企业微信暂时没有应答，请稍后再试。 WeCom does not answer; try again.", 503)
        session = await self._parts.registry.sessions.open(login.id, self._now())
        log.info("session_opened", login=login.id, session=session.id)
        response = redirect(str(memo["next"]))
        self._set_cookie(response, REFRESH_COOKIE, session.token, int(LIVES_FOR.total_seconds()))
        self._say_who(response, login.id)
        self._clear_cookie(response, LOGIN_COOKIE)
        return response

    async def refresh(self, request: Request) -> Response:
        """The cookie's token for the next one, and a fresh access token in the body."""
        if not same_origin(request.headers, self._parts.settings.public_url):
            return json_answer({"error": "FORBIDDEN"}, 403)
        token = request.cookies.get(REFRESH_COOKIE, "")
        sessions, session = self._parts.registry.sessions, None
        session_id = sessions.find_id(token) if 0 < len(token) <= LONGEST_COOKIE else None
        if wait := await self._too_many(request, session_id):
            return wait
        if session_id is not None:
            session = await sessions.rotate(token, self._now())
        if session is None:
            response = json_answer({"error": "UNAUTHENTICATED"}, 401)
            if token:
                self._clear_cookie(response, REFRESH_COOKIE)
                self._say_who(response, None)
            return response
        response = json_answer(
            {
                "accessToken": self._tokens.sign_person(session.login_id),
                "expiresIn": int(PERSON_LIVES.total_seconds()),
            },
            200,
        )
        self._set_cookie(response, REFRESH_COOKIE, session.token, int(LIVES_FOR.total_seconds()))
        self._say_who(response, session.login_id)
        return response

    async def logout(self, request: Request) -> Response:
        """End the whole family of this cookie's tokens. Logging out twice is logging out."""
        if not same_origin(request.headers, self._parts.settings.public_url):
            return json_answer({"error": "FORBIDDEN"}, 403)
        token = request.cookies.get(REFRESH_COOKIE, "")
        if 0 < len(token) <= LONGEST_COOKIE:
            await self._parts.registry.sessions.revoke(token, self._now())
        response = Response(status_code=204, headers={"cache-control": "no-store"})
        self._clear_cookie(response, REFRESH_COOKIE)
        self._say_who(response, None)
        return response

    # --------------------------------------------------------------------------------------------------

    def _now(self) -> datetime:
        return self._parts.clock()

    async def _too_many(self, request: Request, session_id: str | None = None) -> Response | None:
        """Who has a session is counted by it: at an address that many share, a flood keeps only strangers out."""
        if session_id is not None:
            wait_s = await self._throttle.take(REFRESHES, session_id)
        else:
            wait_s = await self._throttle.take(LOGINS, request.client.host if request.client else "?")
        if wait_s is None:
            return None
        return json_answer({"error": "RATE_LIMITED"}, 429, {"retry-after": str(wait_s)})

    def _failed(self, sentence: str, status: int, *, is_over: bool = True) -> Response:
        response = sorry_page(status, "登录没有成功", sentence)
        if is_over:
            self._clear_cookie(response, LOGIN_COOKIE)
        return response

    def _set_cookie(self, response: Response, name: str, value: str, max_age: int) -> None:
        response.set_cookie(
            name, value, max_age=max_age, path="/auth", httponly=True, samesite="lax", secure=self._secure
        )

    def _say_who(self, response: Response, login_id: str | None) -> None:
        if login_id is None:
            response.delete_cookie(WHO_COOKIE, path="/", samesite="lax", secure=self._secure)
        else:
            age = int(LIVES_FOR.total_seconds())
            response.set_cookie(
                WHO_COOKIE, login_id, max_age=age, path="/", samesite="lax", secure=self._secure
            )

    def _clear_cookie(self, response: Response, name: str) -> None:
        response.delete_cookie(name, path="/auth", httponly=True, samesite="lax", secure=self._secure)


def own_path(next: str | None) -> str:
    """`next` when it leads to one of our own pages, else the home page. Browsers read \\ as /."""
    if (
        next is None
        or len(next) > LONGEST_NEXT
        or not next.isascii()  # browsers write such characters as %…
        or not next.startswith("/")
        or next.startswith(("//", "/\\"))
        or not next.isprintable()
        or "\\" in next
        or " " in next
    ):
        return "/"
    parts = urlsplit(next)
    return next if not parts.scheme and not parts.netloc else "/"


def same_origin(headers: Headers, public_url: str) -> bool:
    """Browsers say where a POST comes from; scripts without a browser say nothing and carry no cookies."""
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    if origin is None:
        return True
    return origin == public_url or origin.partition("://")[2] == headers.get("host", "")


def redirect(address: str) -> Response:
    return RedirectResponse(address, 302, {"cache-control": "no-store"})


def json_answer(body: dict[str, object], status: int, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse(body, status, {"cache-control": "no-store", **(headers or {})})
