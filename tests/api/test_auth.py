"""Logging in through WeCom, the refresh cookie, logging out."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from support.campus import Campus, browser

from api import auth
from api.auth import LOGIN_COOKIE, LOGIN_WITHIN_S, REFRESH_COOKIE, own_path
from api.throttle import Pace
from onecard.outside.providers import ProviderUnavailable

ME = "{ me { number } }"


async def begin(client: httpx.AsyncClient, next: str = "/#/home") -> str:
    """To WeCom; the state it is sent with."""
    response = await client.get("/auth/login", params={"next": next})
    assert response.status_code == 302
    address = urlsplit(response.headers["location"])
    assert address.netloc == "wecom.invalid"
    asked = parse_qs(address.query)
    assert asked["redirect_uri"] == ["http://campus.test/auth/callback"]
    return asked["state"][0]


async def log_in(
    campus: Campus, client: httpx.AsyncClient, userid: str = "2002001", next: str = "/"
) -> httpx.Response:
    state = await begin(client, next)
    return await client.get("/auth/callback", params={"state": state, "code": campus.wecom.code_for(userid)})


async def test_from_wecom_to_an_answer(campus: Campus) -> None:
    async with browser(campus) as client:
        response = await log_in(campus, client, next="/#/bills")
        assert (response.status_code, response.headers["location"]) == (302, "/#/bills")
        cookie = response.headers["set-cookie"]
        for word in ("HttpOnly", "SameSite=lax", "Path=/auth"):
            assert word in cookie
        assert "Secure" not in cookie  # this campus is served by http
        refreshed = await client.post("/auth/refresh")
        assert refreshed.status_code == 200
        assert refreshed.headers["cache-control"] == "no-store"
        body = refreshed.json()
        assert body["expiresIn"] == 600
        answer = await campus.post({"query": ME}, authorization=f"Bearer {body['accessToken']}")
        assert answer.json() == {"data": {"me": {"number": "2002001"}}}


async def test_the_page_may_read_whose_session_it_is_and_nothing_more(campus: Campus) -> None:
    async with browser(campus) as client:
        response = await log_in(campus, client)
        (who,) = [
            one for one in response.headers.get_list("set-cookie") if one.startswith("onecard_who=usr_")
        ]
        assert "HttpOnly" not in who
        assert "Path=/;" in who
        login = client.cookies["onecard_who"]
        await client.post("/auth/refresh")
        assert client.cookies["onecard_who"] == login
        await client.post("/auth/logout")
        assert "onecard_who" not in client.cookies


async def test_a_member_who_never_came_gets_a_login_without_a_card(campus: Campus) -> None:
    campus.wecom.members["freshman"] = "openid-freshman"
    async with browser(campus) as client:
        await log_in(campus, client, "freshman")
        token = (await client.post("/auth/refresh")).json()["accessToken"]
        answer = await campus.post({"query": ME}, authorization=f"Bearer {token}")
        assert answer.json() == {"data": {"me": None}}


async def test_somebody_who_is_no_member_is_told_so(campus: Campus) -> None:
    async with browser(campus) as client:
        state = await begin(client)
        response = await client.get(
            "/auth/callback", params={"state": state, "code": campus.wecom.code_for(None)}
        )
        assert response.status_code == 403
        assert REFRESH_COOKIE not in client.cookies


async def test_a_code_works_once(campus: Campus) -> None:
    async with browser(campus) as client:
        state, code = await begin(client), campus.wecom.code_for("2002001")
        assert (await client.get("/auth/callback", params={"state": state, "code": code})).status_code == 302
        state = await begin(client)
        assert (await client.get("/auth/callback", params={"state": state, "code": code})).status_code == 403


async def test_another_browser_s_state_is_refused(campus: Campus) -> None:
    async with browser(campus) as mine, browser(campus) as theirs:
        state = await begin(theirs)
        await begin(mine)
        for given in (state, "", "x", "é"):
            response = await mine.get(
                "/auth/callback", params={"state": given, "code": campus.wecom.code_for("2002001")}
            )
            assert response.status_code == 400, given
        assert REFRESH_COOKIE not in mine.cookies


async def test_of_two_tabs_that_log_in_at_once_the_later_one_comes_through(campus: Campus) -> None:
    async with browser(campus) as client:
        earlier, later = await begin(client), await begin(client)
        response = await client.get(
            "/auth/callback", params={"state": earlier, "code": campus.wecom.code_for("2002001")}
        )
        assert response.status_code == 400
        assert 'href="/"' in response.text, "no dead end"
        response = await client.get(
            "/auth/callback", params={"state": later, "code": campus.wecom.code_for("2002001")}
        )
        assert response.status_code == 302


async def test_a_neighbour_who_floods_the_login_keeps_nobody_with_a_session_out(
    campus: Campus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A whole campus may come from one address."""
    async with browser(campus) as client, browser(campus) as flood:
        await log_in(campus, client)
        monkeypatch.setattr(auth, "LOGINS", Pace("login-flood", 3, 60))
        flood.cookies.set(REFRESH_COOKIE, "ses_x.1.0", domain="campus.test", path="/auth")
        answers = [(await flood.post("/auth/refresh")).status_code for _ in range(5)]
        assert answers == [401, 401, 401, 429, 429]
        assert (await client.post("/auth/refresh")).status_code == 200


async def test_one_session_is_not_refreshed_without_end(
    campus: Campus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth, "REFRESHES", Pace("refresh-few", 2, 60))
    async with browser(campus) as client, browser(campus) as other:
        await log_in(campus, client)
        await log_in(campus, other)
        answers = [(await client.post("/auth/refresh")).status_code for _ in range(3)]
        assert answers == [200, 200, 429]
        assert (await other.post("/auth/refresh")).status_code == 200
        assert REFRESH_COOKIE in client.cookies, "told to wait, not logged out"


async def test_without_its_cookie_or_with_a_forged_one_nobody_comes_back(campus: Campus) -> None:
    async with browser(campus) as client:
        state = await begin(client)
        good = client.cookies[LOGIN_COOKIE]
        for cookie in (
            "",
            "x",
            good[:-1] + ("0" if good[-1] != "0" else "1"),
            "." + good,
            good.replace(".", ".."),
        ):
            client.cookies.clear()
            client.cookies.set(LOGIN_COOKIE, cookie, domain="campus.test", path="/auth")
            response = await client.get(
                "/auth/callback", params={"state": state, "code": campus.wecom.code_for("2002001")}
            )
            assert response.status_code == 400, cookie


async def test_a_login_takes_ten_minutes_at_most(campus: Campus) -> None:
    async with browser(campus) as client:
        state = await begin(client)
        campus.clock.offset = timedelta(seconds=LOGIN_WITHIN_S + 1)
        response = await client.get(
            "/auth/callback", params={"state": state, "code": campus.wecom.code_for("2002001")}
        )
        assert response.status_code == 400


async def test_wecom_away_is_503_in_words(campus: Campus) -> None:
    async with browser(campus) as client:
        state = await begin(client)
        campus.wecom.failure = ProviderUnavailable("away")
        response = await client.get("/auth/callback", params={"state": state, "code": "x"})
        assert response.status_code == 503
        assert "企业微信" in response.text


@pytest.mark.parametrize(
    ("next", "goes_to"),
    [
        (None, "/"),
        ("/", "/"),
        ("/#/bills?month=2026-11", "/#/bills?month=2026-11"),
        ("/desk", "/desk"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("/x\\y", "/"),
        ("javascript:alert(1)", "/"),
        ("/\n/evil", "/"),
        ("/\t/evil", "/"),
        ("/a b", "/"),
        ("desk", "/"),
        ("", "/"),
        ("/" + "a" * 1000, "/"),
        ("/#/" + "账" * 497, "/"),  # browsers write it as %E8…; as it stands it would outgrow its cookie
    ],
)
def test_next_leads_to_our_own_pages_only(next: str | None, goes_to: str) -> None:
    assert own_path(next) == goes_to


async def test_a_refresh_token_is_good_once_and_its_copy_ends_the_family(campus: Campus) -> None:
    async with browser(campus) as client:
        await log_in(campus, client)
        stolen = client.cookies[REFRESH_COOKIE]
        assert (await client.post("/auth/refresh")).status_code == 200
        mine = client.cookies[REFRESH_COOKIE]
        assert mine != stolen
        campus.clock.offset += timedelta(seconds=11)
        async with browser(campus) as thief:
            thief.cookies.set(REFRESH_COOKIE, stolen, domain="campus.test", path="/auth")
            assert (await thief.post("/auth/refresh")).status_code == 401
        assert (await client.post("/auth/refresh")).status_code == 401
        assert REFRESH_COOKIE not in client.cookies


async def test_two_tabs_at_once_both_stay_logged_in(campus: Campus) -> None:
    async with browser(campus) as one, browser(campus) as two:
        await log_in(campus, one)
        two.cookies.set(REFRESH_COOKIE, one.cookies[REFRESH_COOKIE], domain="campus.test", path="/auth")
        assert (await one.post("/auth/refresh")).status_code == 200
        assert (await two.post("/auth/refresh")).status_code == 200
        campus.clock.offset += timedelta(seconds=11)
        assert (await two.post("/auth/refresh")).status_code == 200


async def test_logging_out_ends_the_session(campus: Campus) -> None:
    async with browser(campus) as client:
        await log_in(campus, client)
        copy = client.cookies[REFRESH_COOKIE]
        assert (await client.post("/auth/logout")).status_code == 204
        assert REFRESH_COOKIE not in client.cookies
        client.cookies.set(REFRESH_COOKIE, copy, domain="campus.test", path="/auth")
        assert (await client.post("/auth/refresh")).status_code == 401
        assert (await client.post("/auth/logout")).status_code == 204


@pytest.mark.parametrize("cookie", ["", "x", "a.b.c", "ses_x.1.0", "x" * 5000, "ses_x.y.z"])
async def test_a_made_up_cookie_is_401(campus: Campus, cookie: str) -> None:
    async with browser(campus) as client:
        client.cookies.set(REFRESH_COOKIE, cookie, domain="campus.test", path="/auth")
        assert (await client.post("/auth/refresh")).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "null"},
        {"origin": "http://["},
    ],
)
async def test_another_site_cannot_refresh_or_log_out(campus: Campus, headers: dict[str, str]) -> None:
    async with browser(campus) as client:
        await log_in(campus, client)
        assert (await client.post("/auth/refresh", headers=headers)).status_code == 403
        assert (await client.post("/auth/logout", headers=headers)).status_code == 403
        assert (
            await client.post("/auth/refresh", headers={"origin": "http://campus.test"})
        ).status_code == 200


async def test_refreshing_is_a_post(campus: Campus) -> None:
    assert (await campus.http.get("/auth/refresh")).status_code == 405
    assert (await campus.http.get("/auth/logout")).status_code == 405
