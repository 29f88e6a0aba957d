"""A pay link opened in a browser: to WeChat, back, tokens for a guest, and everything that does not lead there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from support.campus import Campus, browser
from support.dormitory import build_dormitory

from onecard.outside.providers import ProviderUnavailable
from onecard.rules.ids import new_id
from onecard.rules.kinds import MeterWay

MAKE = """mutation ($label: String!) { payLinkMake(input: { label: $label }) {
    ... on PayLinkMade { link { id label url room { name } } } ... on Refusal { code } } }"""
PAY = """mutation ($input: PayLinkPayInput!) { payLinkPay(input: $input) {
    ... on PayLinkOrdered { replayed order { id state payment { package } } } ... on Refusal { code message } } }"""


@pytest.fixture
async def link(campus: Campus) -> dict[str, Any]:
    ids = await build_dormitory(campus, {"101": ("202611000101", MeterWay.SERVER_CREDIT)})
    await campus.parts.database.execute_query(
        "INSERT INTO residence (id, person_id, room_id, since) VALUES ($1, $2, $3, current_date)",
        [new_id("res"), campus.people["student"].person_id, ids["101"]["room"]],
    )
    data = await campus.data(MAKE, {"label": "妈妈"}, who="student")
    made: dict[str, Any] = data["payLinkMake"]["link"]
    return made


async def open_link(client: httpx.AsyncClient, url: str) -> str:
    """To WeChat; the state it is sent with."""
    response = await client.get(url)
    assert response.status_code == 302
    assert "httponly" in response.headers["set-cookie"].lower()
    asked = parse_qs(urlsplit(response.headers["location"]).query)
    assert asked["redirect_uri"] == ["http://campus.test/auth/guest/callback"]
    return asked["state"][0]


async def become_guest(campus: Campus, client: httpx.AsyncClient, url: str, userid: str | None = None) -> str:
    """An access token."""
    given = {"state": await open_link(client, url), "code": campus.wecom.code_for(userid)}
    back = await client.get("/auth/guest/callback", params=given)
    assert (back.status_code, back.headers["location"]) == (302, "/#/pay")
    answer = await client.post("/auth/guest")
    assert answer.status_code == 200
    token: str = answer.json()["accessToken"]
    return token


async def ask(campus: Campus, token: str, query: str, variables: dict[str, Any] | None = None) -> Any:
    response = await campus.post(
        {"query": query, "variables": variables or {}}, authorization=f"Bearer {token}"
    )
    return response.json()


async def test_a_parent_without_an_account_pays(campus: Campus, link: dict[str, Any]) -> None:
    async with browser(campus) as client:
        token = await become_guest(campus, client, link["url"])
        seen = await ask(campus, token, "{ linkedRoom { name presets } school { wechatBridgeUrl } }")
        assert seen["data"]["linkedRoom"]["name"] == "大专部17栋 101"
        given = {"id": "mother-0001", "amount": "30.00"}
        order = (await ask(campus, token, PAY, {"input": given}))["data"]["payLinkPay"]["order"]
        assert order["payment"]["package"].startswith("prepay_id=")
        campus.wechat_pay.pay(order["id"].removeprefix("ele_"))
        confirm = """mutation ($id: ID!) { payLinkConfirm(input: { order: $id }) {
            ... on PayLinkConfirmed { order { state explanation payment { package } } } } }"""
        done = (await ask(campus, token, confirm, {"id": order["id"]}))["data"]["payLinkConfirm"]["order"]
        assert (done["state"], done["payment"]) == ("DELIVERED", None)
        again = await ask(
            campus, token, "query ($id: ID!) { linkedOrder(id: $id) { state } }", {"id": order["id"]}
        )
        assert again["data"]["linkedOrder"] == {"state": "DELIVERED"}
    purchases = "{ me { room { purchases { edges { node { amount linkLabel payer { name } } } } } } }"
    seen = await campus.data(purchases, who="student")
    assert seen["me"]["room"]["purchases"]["edges"] == [
        {"node": {"amount": "30.00", "linkLabel": "妈妈", "payer": None}}
    ]


async def test_a_member_may_open_one_too(campus: Campus, link: dict[str, Any]) -> None:
    async with browser(campus) as client:
        token = await become_guest(campus, client, link["url"], "2002003")
        answer = await ask(campus, token, "{ me { number } }")
        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_an_ended_link_opens_nothing_and_its_cookie_is_worth_nothing(
    campus: Campus, link: dict[str, Any]
) -> None:
    async with browser(campus) as client:
        token = await become_guest(campus, client, link["url"])
        end = "mutation ($id: ID!) { payLinkEnd(input: { link: $id }) { ... on PayLinkEnded { link } } }"
        await campus.data(end, {"id": link["id"]}, who="student")
        assert (await client.post("/auth/guest")).status_code == 401
        page = await client.get(link["url"])
        assert page.status_code == 404
        assert "链接已失效" in page.text
        assert (await ask(campus, token, "{ linkedRoom { name } }"))["data"] == {"linkedRoom": None}
        refused = await ask(campus, token, PAY, {"input": {"id": "mother-0002", "amount": "1.00"}})
        assert refused["data"]["payLinkPay"]["code"] == "LINK_UNKNOWN"


@pytest.mark.parametrize("token", ["x", "0" * 90, "%00", "../auth/login"])
async def test_an_invented_link_is_said_to_be_none(campus: Campus, token: str) -> None:
    response = await campus.http.get(f"/pay/{token}")
    assert response.status_code in (302, 404)
    assert "wecom.invalid" not in response.headers.get("location", "") or token.startswith("..")


async def test_only_the_browser_that_was_sent_comes_back(campus: Campus, link: dict[str, Any]) -> None:
    async with browser(campus) as one, browser(campus) as other:
        state = await open_link(one, link["url"])
        given = {"state": state, "code": campus.wecom.code_for(None)}
        assert (await other.get("/auth/guest/callback", params=given)).status_code == 400
        assert (await one.get("/auth/guest/callback", params={**given, "state": "x"})).status_code == 400
        assert (await one.get("/auth/guest/callback", params={**given, "code": ""})).status_code == 400
        assert (await one.get("/auth/guest/callback", params={**given, "code": "used"})).status_code == 403
        campus.wecom.failure = ProviderUnavailable("away")
        assert (await one.get("/auth/guest/callback", params=given)).status_code == 503
        campus.wecom.failure = None
        assert (await one.post("/auth/guest")).status_code == 401  # still under way
        assert (
            await other.post("/auth/guest", headers={"origin": "https://evil.example"})
        ).status_code == 403


async def test_a_guest_is_known_for_two_hours(campus: Campus, link: dict[str, Any]) -> None:
    async with browser(campus) as client:
        await become_guest(campus, client, link["url"])
        campus.clock.offset = timedelta(hours=2, seconds=1)
        assert (await client.post("/auth/guest")).status_code == 401


async def test_a_guests_token_is_no_persons(campus: Campus) -> None:
    """Its subject is a link, whatever a login's id looks like."""
    login = campus.people["student"].login_id
    answer = await ask(campus, campus.house.tokens.sign_guest(login, "o-1"), "{ me { number } }")
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
