"""绑定: a calm no, a waiting time, and never a second try that nobody made."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from web.pretend_api import Fail, PretendApi, Variables

pytestmark = pytest.mark.browser
Visit = Callable[[str], None]


def fill(page: Page, number: str = "2002002", password: str = "012345") -> None:
    page.get_by_label("学号").fill(number)
    page.get_by_label("查询密码").fill(password)
    page.get_by_role("button", name="绑定", exact=True).click()


def refuse(api: PretendApi, kind: str, **more: object) -> None:
    refusal = {"code": kind, "message": "学号或查询密码不对。", "remedy": "再核对一下。"}
    api.answers["CardBind"] = lambda _: {"cardBind": {"__typename": kind, **refusal, **more}}


def test_bound_and_home(page: Page, api: PretendApi, visit: Visit) -> None:
    visit("/bind")
    expect(page.get_by_text("最后一位是 X 的，填 X 前面的 6 位。")).to_be_visible()
    fill(page)
    expect(page.get_by_text("最近账单")).to_be_visible()
    ((_, variables),) = [one for one in api.asked if one[0] == "CardBind"]
    assert variables["input"] == {"number": "2002002", "queryPassword": "012345"}


def test_wrong_is_answered_calmly(page: Page, api: PretendApi, visit: Visit) -> None:
    refuse(api, "BindMismatch")
    visit("/bind")
    fill(page)
    expect(page.get_by_role("alert")).to_contain_text("学号或查询密码不对。")
    expect(page.get_by_label("学号")).to_have_value("2002002")
    expect(page.get_by_label("查询密码")).to_have_value("")


def test_too_many_tries_wait(page: Page, api: PretendApi, visit: Visit) -> None:
    refuse(api, "TooManyAttempts", retryAfterSeconds=300)
    visit("/bind")
    fill(page)
    expect(page.get_by_role("alert")).to_contain_text("5 分钟 后可以再试。")
    page.get_by_label("查询密码").fill("999999")
    page.get_by_role("button", name="绑定", exact=True).dispatch_event("click")
    assert api.times("CardBind") == 1


@pytest.mark.parametrize(("number", "password"), [("2002a02", "012345"), ("2002002", "12345"), ("", "")])
def test_what_cannot_be_right_is_not_sent(
    page: Page, api: PretendApi, visit: Visit, number: str, password: str
) -> None:
    visit("/bind")
    fill(page, number, password)
    expect(page.locator(".wrong").first).to_be_visible()
    assert api.times("CardBind") == 0


def test_a_lost_answer_is_not_tried_again_behind_ones_back(page: Page, api: PretendApi, visit: Visit) -> None:
    def away(_: Variables) -> object:
        raise Fail(0)

    api.answers["CardBind"] = away
    visit("/bind")
    fill(page)
    expect(page.get_by_role("alert")).to_contain_text("没有绑定成功，账户没有变化。")
    assert api.times("CardBind") == 1


@pytest.mark.parametrize(
    ("number", "password", "sent"),
    [
        ("２００２００２", "０１２３４５", "012345"),
        (" 2002002 ", "420000200001012345", "012345"),
        ("2002002", "42000020000101234X", "101234"),
    ],
)
def test_what_is_pasted_is_taken_as_it_was_meant(
    page: Page, api: PretendApi, visit: Visit, number: str, password: str, sent: str
) -> None:
    visit("/bind")
    fill(page, number, password)
    expect(page.get_by_text("最近账单")).to_be_visible()
    ((_, variables),) = [one for one in api.asked if one[0] == "CardBind"]
    assert variables["input"] == {"number": "2002002", "queryPassword": sent}


def test_an_x_is_explained_where_it_was_typed(page: Page, api: PretendApi, visit: Visit) -> None:
    visit("/bind")
    fill(page, password="01234X")
    expect(page.locator(".wrong")).to_have_text("要填 6 位数字，不含 X。最后一位是 X 的，填 X 前面的 6 位。")
    assert api.times("CardBind") == 0
