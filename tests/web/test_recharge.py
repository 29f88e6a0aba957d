"""卡片充值: one wish is one order, and the screen believes only the server."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from web.pretend_api import Fail, PretendApi, Variables, policy, recharge

pytestmark = pytest.mark.browser
Visit = Callable[[str], None]


def in_wechat(page: Page, outcome: str = "ok") -> None:
    """WeChat around the page: its sheet closes with `outcome`; every opening is kept."""
    page.add_init_script(
        f"""window.sheets = []; window.WeixinJSBridge = {{ invoke(name, data, answer) {{
        sheets.push([name, data]); setTimeout(answer, 30, {{ err_msg: name_of('{outcome}') }}); }} }};
        function name_of(word) {{ return 'get_brand_wcpay_request:' + word; }}"""
    )


def confirmed(*states: str) -> Callable[[Variables], object]:
    left = list(states)

    def answer(_: Variables) -> object:
        state = left.pop(0) if len(left) > 1 else left[0]
        return {"rechargeConfirm": {"__typename": "RechargeConfirmed", "recharge": recharge(state)}}

    return answer


def answer_with(api: PretendApi, order: dict[str, Any], later: dict[str, Any] | None = None) -> None:
    """To whoever orders, follows or asks; `later`: from the first question on."""
    made = {"__typename": "RechargeCreated", "replayed": False, "recharge": order}
    api.answers["RechargeCreate"] = lambda _: {"rechargeCreate": made}
    api.answers["RechargeFollow"] = lambda _: {
        "school": {"wechatBridgeUrl": "/bridge.js"},
        "recharge": order,
    }
    api.answers["RechargeConfirm"] = lambda _: {
        "rechargeConfirm": {"__typename": "RechargeConfirmed", "recharge": later or order}
    }


def order_50(page: Page) -> None:
    page.get_by_role("button", name="50 元", exact=True).click()
    page.get_by_role("button", name="确认充值 50.00 元").click()


def test_from_fifty_to_credited(page: Page, api: PretendApi, visit: Visit) -> None:
    in_wechat(page)
    api.answers["RechargeConfirm"] = confirmed("ORDERED", "PAID", "CREDITED")
    visit("/recharge")
    order_50(page)
    expect(page.get_by_role("heading", name="充值成功")).to_be_visible()
    expect(page.get_by_text("50.00 元已到账，余额 178.46 元。")).to_be_visible()
    expect(page.locator(".steps .reached")).to_have_count(4)
    name, data = page.evaluate("sheets")[0]
    assert name == "getBrandWCPayRequest"
    assert data == recharge()["payment"]
    (order,) = [variables for name, variables in api.asked if name == "RechargeCreate"]
    assert order["input"]["amount"] == "50.00"
    assert order["input"]["walletType"] == "CARD_ACCOUNT"
    assert page.evaluate("sessionStorage.getItem('onecard.wish.recharge')") is None


def test_the_payment_platform_is_gone_to_and_come_back_from(
    page: Page, api: PretendApi, visit: Visit
) -> None:
    there = "https://pay.example/cashier/1"
    page.route(
        "https://pay.example/**", lambda route: route.fulfill(body="cashier", content_type="text/html")
    )
    waiting = recharge(method="ONLINE_PAYMENT", payment=None, payUrl=there)
    answer_with(api, waiting)
    visit("/recharge")
    page.locator("label", has_text="在线支付").click()
    order_50(page)
    page.wait_for_url(there)
    page.go_back()
    expect(page.get_by_role("heading", name="等待付款")).to_be_visible()
    page.get_by_role("button", name="继续支付").click()
    page.wait_for_url(there)
    api.answers["RechargeConfirm"] = confirmed("CREDITED")
    page.go_back()
    expect(page.get_by_role("heading", name="充值成功")).to_be_visible()
    (asked,) = [variables["input"] for name, variables in api.asked if name == "RechargeCreate"]
    assert asked["method"] == "ONLINE_PAYMENT"


def test_a_school_with_one_way_to_pay_asks_nothing(page: Page, api: PretendApi, visit: Visit) -> None:
    desk = api.answers["RechargeDesk"]({})
    desk["school"]["policy"]["rechargeMethods"] = ["WECHAT"]
    api.answers["RechargeDesk"] = lambda _: desk
    visit("/recharge")
    expect(page.locator("p", has_text="支付方式")).to_contain_text("微信")
    expect(page.locator("input[name=method]")).to_have_count(0)
    order_50(page)
    (asked,) = [variables["input"] for name, variables in api.asked if name == "RechargeCreate"]
    assert asked["method"] == "WECHAT"


def test_the_way_one_paid_last_is_chosen_the_next_time(page: Page, api: PretendApi, visit: Visit) -> None:
    page.context.add_cookies([{"name": "onecard_who", "value": api.login, "url": "http://127.0.0.1"}])
    visit("/recharge")
    expect(page.get_by_label("微信")).to_be_checked()
    page.locator("label", has_text="在线支付").click()
    order_50(page)
    expect(page.get_by_role("heading", name="充值进度")).to_be_visible()
    visit("/recharge")
    expect(page.get_by_label("在线支付")).to_be_checked()


def test_a_double_click_is_one_order(page: Page, api: PretendApi, visit: Visit) -> None:
    in_wechat(page, "cancel")
    visit("/recharge")
    page.get_by_role("button", name="50 元", exact=True).click()
    page.get_by_role("button", name="确认充值 50.00 元").dblclick()
    expect(page.get_by_text("你取消了付款，没有扣钱。")).to_be_visible()
    assert api.times("RechargeCreate") == 1


def test_an_order_without_an_answer_is_sent_again_under_its_id(
    page: Page, api: PretendApi, visit: Visit
) -> None:
    in_wechat(page, "cancel")
    api.cut("RechargeCreate", 3)
    visit("/recharge")
    order_50(page)
    expect(page.get_by_role("alert")).to_contain_text("还没有付款，钱没有动。")
    page.get_by_role("button", name="再试一次").click()
    expect(page.get_by_role("heading", name="充值进度")).to_be_visible()
    ids = {variables["input"]["id"] for name, variables in api.asked if name == "RechargeCreate"}
    assert len(ids) == 1
    assert api.times("RechargeCreate") == 4

    # Gone back and wanted again: still the same order, until it has an end.
    expect(page.get_by_text("你取消了付款")).to_be_visible()
    visit("/recharge")
    order_50(page)
    expect(page.get_by_text("你取消了付款")).to_be_visible()
    assert {v["input"]["id"] for name, v in api.asked if name == "RechargeCreate"} == ids


def test_a_refusal_says_what_to_do_and_the_next_wish_has_a_new_id(
    page: Page, api: PretendApi, visit: Visit
) -> None:
    api.answers["RechargeCreate"] = lambda _: {
        "rechargeCreate": {
            "__typename": "OutsideServiceHours",
            "opensAt": "05:00",
            "closesAt": "22:55",
            "code": "OUTSIDE_SERVICE_HOURS",
            "message": "现在不在服务时间，钱没有动。",
            "remedy": "05:00 以后再来。",
        }
    }
    visit("/recharge")
    order_50(page)
    expect(page.get_by_role("alert")).to_contain_text("05:00 以后再来。")
    page.get_by_role("button", name="确认充值 50.00 元").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.wait_for_function("!document.body.innerText.includes('正在下单')")
    ids = [variables["input"]["id"] for name, variables in api.asked if name == "RechargeCreate"]
    assert len(ids) == len(set(ids)) == 2


def test_too_many_orders_wait_and_go_on_under_the_same_id(page: Page, api: PretendApi, visit: Visit) -> None:
    in_wechat(page, "cancel")
    page.clock.install()
    answer = api.answers["RechargeCreate"]
    api.answers["RechargeCreate"] = lambda _: {
        "rechargeCreate": {
            "__typename": "TooManyAttempts",
            "retryAfterSeconds": 90,
            "code": "TOO_MANY_ATTEMPTS",
            "message": "尝试次数过多。没有动用任何款项。",
            "remedy": "请在 90 秒后再试。",
        }
    }
    visit("/recharge")
    order_50(page)
    expect(page.get_by_role("alert")).to_contain_text("2 分钟 后可以再试。")
    button = page.get_by_role("button", name="确认充值 50.00 元")
    button.dispatch_event("click")
    expect(button).to_have_attribute("aria-disabled", "true")
    api.answers["RechargeCreate"] = answer
    page.clock.run_for(91_000)
    button.click()
    page.clock.run_for(1_000)
    expect(page.get_by_text("你取消了付款，没有扣钱。")).to_be_visible()
    ids = [variables["input"]["id"] for name, variables in api.asked if name == "RechargeCreate"]
    assert (len(ids), len(set(ids))) == (2, 1)


def test_cancelled_then_paid(page: Page, api: PretendApi, visit: Visit) -> None:
    in_wechat(page, "cancel")
    visit("/recharge")
    order_50(page)
    expect(page.get_by_text("你取消了付款，没有扣钱。")).to_be_visible()
    page.evaluate("name_of = () => 'get_brand_wcpay_request:ok'")
    api.answers["RechargeConfirm"] = confirmed("CREDITED")
    page.get_by_role("button", name="继续支付").click()
    expect(page.get_by_role("heading", name="充值成功")).to_be_visible()
    assert len(page.evaluate("sheets")) == 2
    assert api.times("RechargeCreate") == 1


def test_reloaded_after_paying_asks_the_server_and_opens_no_second_sheet(
    page: Page, api: PretendApi, visit: Visit
) -> None:
    in_wechat(page)
    api.answers["RechargeConfirm"] = confirmed("CREDITED")
    visit("/recharge/rch_1")
    expect(page.get_by_role("heading", name="充值成功")).to_be_visible()
    assert page.evaluate("sheets") == []
    assert ("RechargeConfirm", {"input": {"recharge": "rch_1"}, "language": "ZH"}) in api.asked


def test_outside_wechat_nothing_is_taken_and_that_is_said(page: Page, api: PretendApi, visit: Visit) -> None:
    visit("/recharge")
    order_50(page)
    expect(page.get_by_text("这里打不开微信支付，没有扣钱。")).to_be_visible()


def test_a_sheet_that_never_says_how_it_ended_is_asked_about_by_hand(
    page: Page, api: PretendApi, visit: Visit
) -> None:
    page.add_init_script("window.WeixinJSBridge = { invoke() {} }")
    visit("/recharge")
    order_50(page)
    expect(page.get_by_role("heading", name="请在微信里付款")).to_be_visible()
    api.answers["RechargeConfirm"] = confirmed("CREDITED")
    page.get_by_role("button", name="我已付款").click()
    expect(page.get_by_role("heading", name="充值成功")).to_be_visible()


@pytest.mark.parametrize("elder", [False, True], ids=["", "elder"])
def test_what_is_typed_stays_in_sight_on_a_phone_that_lies_down(
    page: Page, api: PretendApi, visit: Visit, elder: bool
) -> None:
    if elder:
        page.add_init_script("localStorage.setItem('onecard.elder', '1')")
    page.set_viewport_size({"width": 740, "height": 360})
    visit("/recharge")
    amount, pad = page.get_by_label("金额"), page.get_by_role("group", name="数字键盘")
    amount.click()
    expect(pad).to_be_visible()
    page.evaluate("() => Promise.all(document.getAnimations().map((one) => one.finished)).then(() => 0)")
    entry, keys = amount.bounding_box(), pad.bounding_box()
    assert entry is not None
    assert keys is not None
    assert entry["y"] >= 0
    assert entry["y"] + entry["height"] <= keys["y"]
    assert keys["y"] + keys["height"] <= 360
    for key in pad.get_by_role("button").all():
        box = key.bounding_box()
        assert box is not None
        assert box["height"] >= 48


def test_paid_but_the_server_is_away_until_asked_by_hand(page: Page, api: PretendApi, visit: Visit) -> None:
    in_wechat(page)

    def away(_: Variables) -> object:
        raise Fail(0)

    api.answers["RechargeConfirm"] = away
    visit("/recharge/rch_1")
    expect(page.get_by_role("alert")).to_contain_text("网络没有连上")
    api.answers["RechargeConfirm"] = confirmed("CREDITED")
    page.get_by_role("button", name="再试一次").click()
    expect(page.get_by_role("heading", name="充值成功")).to_be_visible()


@pytest.mark.parametrize(
    ("typed", "shown", "may"),
    [("12.345", "12.34", True), ("0", "0", False), ("500.01", "500.01", False), ("0.01", "0.01", True)],
)
def test_the_pad_types_money_only(
    page: Page, api: PretendApi, visit: Visit, typed: str, shown: str, may: bool
) -> None:
    visit("/recharge")
    page.get_by_label("金额").click()
    pad = page.get_by_role("group", name="数字键盘")
    for key in typed:
        pad.get_by_role("button", name=key, exact=True).click()
    expect(page.get_by_label("金额")).to_have_value(shown)
    confirm = pad.get_by_role("button", name="确认", exact=True)
    expect(confirm).to_have_attribute("aria-disabled", json.dumps(not may))
    confirm.dispatch_event("click")
    if not may:
        assert api.times("RechargeCreate") == 0


def test_outside_the_service_hours_nothing_can_be_ordered(page: Page, api: PretendApi, visit: Visit) -> None:
    hours = {"opensAt": "05:00", "closesAt": "22:55", "openNow": False}
    api.answers["RechargeDesk"] = lambda _: {
        "school": {"wechatBridgeUrl": "/bridge.js", "policy": policy() | {"rechargeHours": hours}},
        "account": {"id": "acc_1", "balance": "1.00"},
    }
    visit("/recharge")
    expect(page.get_by_text("现在不在服务时间（05:00–22:55）")).to_be_visible()
    page.get_by_role("button", name="50 元", exact=True).click()
    page.get_by_role("button", name="确认充值 50.00 元").dispatch_event("click")
    assert api.times("RechargeCreate") == 0


def test_money_that_arrives_while_the_sheet_is_silent_shows_by_itself(
    page: Page, api: PretendApi, visit: Visit
) -> None:
    page.clock.install()
    page.add_init_script("window.WeixinJSBridge = { invoke() {} }")
    visit("/recharge")
    order_50(page)
    expect(page.get_by_role("heading", name="请在微信里付款")).to_be_visible()
    api.answers["RechargeFollow"] = lambda _: {
        "school": {"wechatBridgeUrl": "/bridge.js"},
        "recharge": recharge("CREDITED"),
    }
    page.clock.run_for(5000)
    expect(page.get_by_role("heading", name="充值成功")).to_be_visible()
    assert api.times("RechargeConfirm") == 0  # WeChat was not asked


def test_an_order_that_cannot_be_read_says_that_paid_money_is_safe(
    page: Page, api: PretendApi, visit: Visit
) -> None:
    def away(_: Variables) -> object:
        raise Fail(0)

    api.answers["RechargeFollow"] = away
    visit("/recharge/rch_1")
    expect(page.get_by_role("alert")).to_contain_text("付过的钱不会丢，会自动到账。")
    expect(page.get_by_role("heading", name="等待付款")).to_have_count(0)  # nobody knows


@pytest.mark.parametrize("size", [(320, 568), (360, 640), (740, 360)])
def test_why_an_amount_is_wrong_is_seen_above_the_keys(
    page: Page, api: PretendApi, visit: Visit, size: tuple[int, int]
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    visit("/recharge")
    page.get_by_label("金额").click()
    pad = page.get_by_role("group", name="数字键盘")
    for key in "600":
        pad.get_by_role("button", name=key, exact=True).click()
    page.evaluate("() => Promise.all(document.getAnimations().map((one) => one.finished)).then(() => 0)")
    why, keys = page.locator("#between.wrong").bounding_box(), pad.bounding_box()
    assert why is not None
    assert keys is not None
    assert why["y"] + why["height"] <= keys["y"]


@pytest.mark.parametrize(
    ("pasted", "shown"),
    [
        ("５０．５", "50.5"),
        (" 50 ", "50"),
        ("50元", "50"),
        ("¥50", "50"),
        (".5", "0.5"),
        ("1e3", ""),
        ("-5", ""),
    ],
)
def test_what_is_pasted_is_taken_as_it_was_meant(
    page: Page, api: PretendApi, visit: Visit, pasted: str, shown: str
) -> None:
    visit("/recharge")
    page.get_by_label("金额").fill(pasted)
    expect(page.get_by_label("金额")).to_have_value(shown)
