"""首页: logging in, what is shown before the server answered, and what when it does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from web.pretend_api import ME, SCHOOL, WALLETS, Fail, PretendApi, Variables, bill

pytestmark = pytest.mark.browser
Visit = Callable[[str], None]
ZHANG = "usr_0000000000000000000000zhang"
WANG = "usr_00000000000000000000000wang"


def home(name: str, balance: str, **account: object) -> Callable[[Variables], dict[str, object]]:
    wallets = (
        WALLETS
        | {"balance": balance, "available": balance, "obstacles": [], "bills": {"edges": []}}
        | account
    )
    return lambda _: {"school": SCHOOL, "me": ME | {"name": name, "account": wallets}}


def is_who(context: BrowserContext, address: str, login: str) -> None:
    context.add_cookies([{"name": "onecard_who", "value": login, "url": address}])


def test_the_balance_is_the_largest_thing_on_the_screen(page: Page, api: PretendApi, visit: Visit) -> None:
    visit("/")
    expect(page.get_by_role("heading", name="张晓雨")).to_be_visible()
    expect(page.get_by_text("学工号 2002001")).to_be_visible()
    sizes = page.evaluate(
        """() => [...document.querySelectorAll('main *')].filter((one) => one.textContent.trim())
        .map((one) => [parseFloat(getComputedStyle(one).fontSize), one.closest('.sum') ? 'sum' : one.className])"""
    )
    assert max(sizes)[1] == "sum"


def test_without_a_session_the_page_goes_to_log_in_and_says_where_to_come_back(
    page: Page, api: PretendApi, visit: Visit
) -> None:
    api.logged_in = False
    visit("/bills?kind=recharged")
    page.wait_for_url("**/auth/login?next=%2F%23%2Fbills%3Fkind%3Drecharged")


def test_a_login_that_does_not_take_does_not_go_round(page: Page, api: PretendApi, visit: Visit) -> None:
    api.logged_in = False
    visit("/")
    page.wait_for_url("**/auth/login**")
    visit("/")
    expect(page.get_by_text("没有登录成功")).to_be_visible()
    page.get_by_role("button", name="再登录一次").click()
    page.wait_for_url("**/auth/login**")


def test_an_unbound_login_is_led_to_binding(page: Page, api: PretendApi, visit: Visit) -> None:
    api.answers["Home"] = lambda _: {"school": SCHOOL, "me": None}
    visit("/")
    expect(page.get_by_role("heading", name="绑定校园卡")).to_be_visible()


def test_the_last_picture_comes_first_and_the_truth_after(
    context: BrowserContext, page: Page, api: PretendApi, visit: Visit, address: str
) -> None:
    is_who(context, address, ZHANG)
    visit("/")
    expect(page.locator(".sum")).to_contain_text("128")

    def cut(_: Variables) -> object:
        raise Fail(0)

    api.answers["Home"] = cut
    page.reload()
    expect(page.locator(".sum")).to_contain_text("128")
    expect(page.get_by_role("alert")).to_contain_text("网络没有连上")
    api.answers["Home"] = home("张晓雨", "99.00")
    page.get_by_role("button", name="再试一次").click()
    expect(page.locator(".sum")).to_contain_text("99")
    expect(page.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize("named_by_cookie", [True, False])
def test_another_login_never_sees_the_last_ones_money(
    context: BrowserContext, page: Page, api: PretendApi, visit: Visit, address: str, named_by_cookie: bool
) -> None:
    is_who(context, address, ZHANG)
    visit("/")
    expect(page.get_by_role("heading", name="张晓雨")).to_be_visible()

    api.login = WANG
    api.answers["Home"] = home("王磊", "3.00")
    if named_by_cookie:
        is_who(context, address, WANG)
    else:
        context.clear_cookies()
    page.add_init_script(
        """window.seen = []; new MutationObserver(() => seen.push(document.body?.innerText ?? ""))
        .observe(document, { childList: true, subtree: true, characterData: true });"""
    )
    page.reload()
    expect(page.get_by_role("heading", name="王磊")).to_be_visible()
    assert not [text for text in page.evaluate("seen") if "张晓雨" in text or "128" in text]
    assert page.evaluate(f"Object.keys(localStorage).filter((key) => key.includes('{ZHANG}'))") == []


def test_logging_out_leaves_nothing_on_the_phone(
    context: BrowserContext, page: Page, api: PretendApi, visit: Visit, address: str
) -> None:
    is_who(context, address, ZHANG)
    visit("/")
    expect(page.get_by_role("heading", name="张晓雨")).to_be_visible()
    visit("/profile")
    page.route("**/auth/logout", lambda route: route.fulfill(status=503))
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_role("alert")).to_be_visible()  # still logged in there, so it is not said
    expect(page.get_by_text("已退出。")).to_be_hidden()
    page.unroute("**/auth/logout")
    page.route("**/auth/logout", lambda route: route.fulfill(status=204))
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_text("已退出。")).to_be_visible()
    assert page.evaluate("JSON.stringify([localStorage, sessionStorage])") == "[{},{}]"


def test_offline_is_said(context: BrowserContext, page: Page, api: PretendApi, visit: Visit) -> None:
    visit("/")
    expect(page.get_by_role("heading", name="张晓雨")).to_be_visible()
    context.set_offline(True)
    expect(page.get_by_text("没有网络。看到的是上次的内容。")).to_be_visible()
    context.set_offline(False)
    expect(page.get_by_text("没有网络。看到的是上次的内容。")).to_have_count(0)


def test_an_obstacle_is_one_tap_from_its_remedy(page: Page, api: PretendApi, visit: Visit) -> None:
    obstacle = {"code": "INSUFFICIENT_BALANCE", "message": "余额不足。", "remedy": "先充值。"}
    api.answers["Home"] = home("张晓雨", "-5.04", obstacles=[obstacle])
    api.answers["Obstacles"] = lambda _: {
        "account": WALLETS | {"phone": [obstacle], "card": []},
        "school": {"policy": {"paymentLimitOnce": "500.00", "paymentLimitDay": "1000.00"}},
    }
    visit("/")
    page.get_by_role("link", name="现在付不了款").click()
    expect(page.get_by_text("先充值。")).to_be_visible()
    page.get_by_label("想付多少").fill("12.5")
    page.get_by_role("button", name="查一下").click()
    expect(page.get_by_text("12.50 元付得了")).to_be_visible()  # by card
    assert api.asked[-1][1]["amount"] == "12.50"
    page.get_by_label("想付多少").fill("1.234")
    page.get_by_role("button", name="查一下").click()
    expect(page.get_by_text("金额写成 12.50 这样。")).to_be_visible()
    page.get_by_role("link", name="去充值").click()
    expect(page.get_by_role("heading", name="卡片充值")).to_be_visible()


def test_an_expired_token_is_renewed_without_a_word(page: Page, api: PretendApi, visit: Visit) -> None:
    answer, refusals = api.answers["Home"], [Fail(401)]

    def once(variables: Variables) -> object:
        if refusals:
            raise refusals.pop()
        return answer(variables)

    api.answers["Home"] = once
    visit("/")
    expect(page.get_by_role("heading", name="张晓雨")).to_be_visible()
    assert api.refreshed == 2


def test_nothing_to_pay_with_is_said_without_an_invented_price(
    page: Page, api: PretendApi, visit: Visit
) -> None:
    obstacle = {
        "code": "INSUFFICIENT_BALANCE",
        "message": "可用余额 0.00 元，大于 0 才能付款。",
        "remedy": "先充值。",
    }
    api.answers["Home"] = home("张晓雨", "0.00", obstacles=[obstacle])
    api.answers["Obstacles"] = lambda _: {
        "account": WALLETS | {"available": "0.00", "phone": [obstacle], "card": []},
        "school": {"policy": {"paymentLimitOnce": "500.00", "paymentLimitDay": "1000.00"}},
    }
    for screen, place in {"/": ".home .note", "/balance": ".why-card .note"}.items():
        visit(screen)
        expect(page.locator(place).first).to_contain_text("可用余额 0.00 元，大于 0 才能付款。")
        expect(page.locator("body")).not_to_contain_text("0.01")


@pytest.mark.parametrize("size", [(320, 568), (360, 640)])
def test_long_names_and_large_sums_stay_inside(
    page: Page, api: PretendApi, visit: Visit, size: tuple[int, int]
) -> None:
    name, shop = "阿卜杜热合曼·买买提艾力·𠮷田", "丹枫美食城一楼东区民族风味兰州牛肉拉面与黄焖鸡米饭联营窗口"
    api.answers["Home"] = home(
        name,
        "12345.67",
        cardBalance="12345.67",
        transitionBalance="-12345.67",
        electronicAccount="12345.67",
        bills={"edges": [{"node": bill(0, title=shop, amount="-12345.67")}]},
    )
    page.add_init_script("localStorage.setItem('onecard.elder', '1')")
    page.set_viewport_size({"width": size[0], "height": size[1]})
    visit("/")
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    over = page.evaluate(
        """() => [...document.querySelectorAll('main *')]
        .filter((one) => !one.closest('.unseen, svg, .recent header') && one.scrollWidth > one.clientWidth + 1
            && getComputedStyle(one).display !== 'inline')
        .map((one) => one.outerHTML.slice(0, 90))"""
    )
    assert over == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_a_screen_that_cannot_be_fetched_says_so_and_opens_later(
    page: Page, api: PretendApi, visit: Visit
) -> None:
    visit("/")
    expect(page.get_by_role("heading", name="张晓雨")).to_be_visible()
    page.route("**/assets/**", lambda route: route.abort())
    page.route("**/healthz", lambda route: route.abort())
    page.get_by_role("link", name="我的账单").click()
    expect(page.get_by_role("alert")).to_have_text("网络没有连上，这一页打不开。等一会儿再点。")
    expect(page.get_by_role("heading", name="张晓雨")).to_be_visible()
    page.unroute("**/assets/**")
    page.get_by_role("link", name="我的账单").click()
    expect(page.get_by_role("heading", name="我的账单")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_the_phones_back_closes_the_panel_and_keeps_the_screen(
    page: Page, api: PretendApi, visit: Visit
) -> None:
    visit("/")
    page.get_by_role("link", name="余额查询").click()
    expect(page.get_by_role("heading", name="余额查询")).to_be_visible()  # both screens have such a button
    page.get_by_role("button", name="三个钱包是什么意思").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("heading", name="余额查询")).to_be_visible()
    page.wait_for_url("**/#/balance")
    page.go_back()
    expect(page.get_by_text("最近账单")).to_be_visible()


def test_a_panel_that_is_closing_holds_nobody(page: Page, api: PretendApi, visit: Visit) -> None:
    """After Escape the browser tells the page only a moment later that the panel is closed."""
    visit("/")
    page.get_by_role("button", name="三个钱包是什么意思").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.evaluate("""() => {
      const panel = document.querySelector("dialog");
      panel.addEventListener("close", (event) => event.stopImmediatePropagation(), { capture: true, once: true });
      panel.close();
      location.hash = "#/balance";
    }""")
    expect(page.get_by_role("heading", name="余额查询")).to_be_visible()
