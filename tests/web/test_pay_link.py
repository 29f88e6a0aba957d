"""A parent's page behind a pay link, and the card where a student makes one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from web.faults import faults
from web.pretend_api import Fail, PretendApi
from web.pretend_power import LINK, OWN, linked, power_answers

pytestmark = pytest.mark.browser
Visit = Callable[[str], None]


@pytest.fixture(autouse=True)
def powered(api: PretendApi) -> None:
    api.answers |= power_answers()
    api.answers["PayLinkPay"] = lambda _: {
        "payLinkPay": {"__typename": "PayLinkOrdered", "replayed": False, "order": linked()}
    }


def test_a_double_click_is_one_order_for_the_rooms_name(page: Page, api: PretendApi, visit: Visit) -> None:
    visit("/pay")
    expect(page.get_by_role("heading", name=OWN)).to_be_visible()
    expect(page.locator("body")).not_to_contain_text("2,476.87")
    page.get_by_role("button", name="30 元", exact=True).click()
    page.get_by_role("button", name="微信支付 30.00 元").dblclick()
    expect(page.get_by_role("heading", name="等待付款")).to_be_visible()
    (asked,) = [variables for name, variables in api.asked if name == "PayLinkPay"]
    assert asked["input"]["amount"] == "30.00"
    api.answers["PayLinkConfirm"] = lambda _: {
        "payLinkConfirm": {"__typename": "PayLinkConfirmed", "order": linked("DELIVERED")}
    }
    page.get_by_role("button", name="我已付款").click()
    expect(page.get_by_role("heading", name="缴费成功")).to_be_visible()
    page.get_by_role("link", name="再缴一笔").click()
    expect(page.get_by_role("heading", name=OWN)).to_be_visible()


def test_a_lost_answer_is_asked_again_under_the_same_id(page: Page, api: PretendApi, visit: Visit) -> None:
    answer = api.answers["PayLinkPay"]

    def fail(_: object) -> object:
        raise Fail(0)

    api.answers["PayLinkPay"] = fail
    visit("/pay")
    page.get_by_role("button", name="30 元", exact=True).click()
    page.get_by_role("button", name="微信支付 30.00 元").click()
    expect(page.get_by_text("不会多扣")).to_be_visible()
    api.answers["PayLinkPay"] = answer
    page.get_by_role("button", name="再试一次").click()
    expect(page.get_by_role("heading", name="等待付款")).to_be_visible()
    assert len({v["input"]["id"] for name, v in api.asked if name == "PayLinkPay"}) == 1


def test_a_refused_payment_says_why_and_what_to_do(page: Page, api: PretendApi, visit: Visit) -> None:
    refusal = {"message": "这间宿舍没有登记电表。", "remedy": "请联系水电中心。"}
    api.answers["PayLinkPay"] = lambda _: {"payLinkPay": {"__typename": "RoomHasNoMeter", **refusal}}
    visit("/pay")
    page.get_by_role("button", name="30 元", exact=True).click()
    page.get_by_role("button", name="微信支付 30.00 元").click()
    expect(page.get_by_text(refusal["message"])).to_be_visible()
    expect(page.get_by_text(refusal["remedy"])).to_be_visible()


@pytest.mark.parametrize("screen", ["/pay", "/pay/ele_1"])
def test_who_has_no_session_is_told_to_open_the_link_again(
    page: Page, api: PretendApi, visit: Visit, screen: str
) -> None:
    """And is never sent to the school's login."""
    api.logged_in = False
    visit(screen)
    expect(page.get_by_role("heading", name="请重新打开缴费链接")).to_be_visible()
    assert "/auth/login" not in page.url


def test_an_ended_link_says_so(page: Page, api: PretendApi, visit: Visit) -> None:
    told = api.answers["PayLinkPage"]({})
    api.answers["PayLinkPage"] = lambda _: told | {"linkedRoom": None}
    visit("/pay")
    expect(page.get_by_role("heading", name="请重新打开缴费链接")).to_be_visible()


def test_a_student_makes_copies_and_ends_one(page: Page, api: PretendApi, visit: Visit) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    links: list[dict[str, str]] = []
    api.answers["PayLinks"] = lambda _: {"payLinks": list(links)}

    def make(variables: dict[str, dict[str, str]]) -> dict[str, object]:
        links.append(LINK | {"label": variables["input"]["label"]})
        return {"payLinkMake": {"__typename": "PayLinkMade", "link": links[-1]}}

    def end(_: object) -> dict[str, object]:
        links.clear()
        return {"payLinkEnd": {"__typename": "PayLinkEnded"}}

    api.answers |= {"PayLinkMake": make, "PayLinkEnd": end}
    visit("/room/rom_305")
    page.get_by_label("给谁，例如：妈妈").fill(" 外婆 ")
    page.get_by_role("button", name="新建链接").click()
    sheet = page.get_by_role("dialog", name="外婆")
    expect(sheet.get_by_role("img", name="缴费二维码")).to_be_visible()
    assert faults(page) == []
    sheet.get_by_role("button", name="复制链接").click()
    expect(sheet.get_by_text("已复制，发给 外婆 就可以了。")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == LINK["url"]
    page.keyboard.press("Escape")
    page.get_by_role("button", name="外婆").click()
    sheet.get_by_role("button", name="停用").click()
    expect(sheet.get_by_role("button", name="再点一次停用")).to_be_visible()
    assert api.times("PayLinkEnd") == 0
    sheet.get_by_role("button", name="再点一次停用").click()
    expect(page.get_by_role("button", name="外婆")).to_have_count(0)


def test_too_many_links_are_said_so(page: Page, api: PretendApi, visit: Visit) -> None:
    refusal = {"message": "您已有五个缴费链接，不能再新建。", "remedy": "请先停用一个。"}
    api.answers["PayLinkMake"] = lambda _: {"payLinkMake": {"__typename": "TooManyLinks", **refusal}}
    visit("/room/rom_305")
    page.get_by_label("给谁，例如：妈妈").fill("爷爷")
    page.get_by_role("button", name="新建链接").click()
    expect(page.get_by_text(refusal["message"])).to_be_visible()
    expect(page.get_by_label("给谁，例如：妈妈")).to_have_value("爷爷")
