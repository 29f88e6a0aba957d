"""Every screen, light and dark: nothing for axe to complain of, nothing that jumps, targets a thumb can hit."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from web.faults import faults
from web.pretend_api import PretendApi, bank_card, bill, paid_from, policy, recharge
from web.pretend_desk import desk_answers
from web.pretend_desk_power import desk_power_answers
from web.pretend_power import locked, power_answers, whole_room

pytestmark = pytest.mark.browser
Visit = Callable[[str], None]

SCREENS = {
    "/": "最近账单",
    "/bind": "查询密码",
    "/recharge": "确认充值",
    "/recharge/rch_1": "等待付款",
    "/code": "秒后自动换新码",
    "/bills": "微信充值",
    "/bills/bil_9000": "查询号",
    "/balance": "可以付款",
    "/bank": "随时可以解绑",
    "/profile": "信息工程学院",
    "/electricity": "2,476.87",
    "/electricity/care": "还没有读数",
    "/electricity/order/ele_1": "等待付款",
    "/room/rom_305": "缴费记录",
    "/pay": "给这间宿舍缴电费",
    "/pay/ele_1": "等待付款",
    "/desk#/people?number=2002001": "软件技术",
    "/desk#/cases": "付款找不到订单",
    "/desk#/terminals": "10000040",
    "/desk#/meters": "失联",
    "/desk#/electricity": "等另一位决定",
    "/desk#/safety": "待院部审批",
}


@pytest.fixture(autouse=True)
def powered(api: PretendApi) -> None:
    api.answers |= power_answers()


MEASURE = """() => {
  window.shift = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_nothing(page: Page, api: PretendApi, visit: Visit, screen: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    if screen.startswith("/desk"):
        page.set_viewport_size({"width": 1440, "height": 900})
        api.answers |= desk_answers() | desk_power_answers(("OPERATOR", "UTILITY_STAFF"))
    visit(screen)
    expect(page.locator("body")).to_contain_text(SCREENS[screen])
    assert faults(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_states_behind_a_tap(
    page: Page, api: PretendApi, visit: Visit, scheme: str
) -> None:
    page.emulate_media(color_scheme=scheme)
    closed = policy() | {"rechargeHours": {"opensAt": "05:00", "closesAt": "22:55", "openNow": False}}
    visit("/")
    page.get_by_role("button", name="三个钱包是什么意思").click()
    expect(page.get_by_role("dialog")).to_contain_text("三者加起来就是你的余额")
    assert faults(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)

    api.answers["RechargeDesk"] = lambda _: {
        "school": {"wechatBridgeUrl": "/bridge.js", "policy": closed},
        "account": {"id": "acc_1", "balance": "1.00"},
    }
    visit("/recharge")
    expect(page.get_by_text("现在不在服务时间")).to_be_visible()
    page.get_by_label("金额").click()
    expect(page.get_by_role("group", name="数字键盘")).to_be_visible()
    assert faults(page) == []

    for order, head in (
        (recharge("CREDITED"), "充值成功"),
        (recharge("FAILED", method="BANK_CARD", declined="AGREEMENT_ENDED"), "没有付成"),
    ):
        api.answers["RechargeFollow"] = lambda _, order=order: {
            "school": {"wechatBridgeUrl": "/bridge.js"},
            "recharge": order,
        }
        visit("/profile")
        visit("/recharge/rch_1")
        expect(page.get_by_role("heading", name=head)).to_be_visible()
        assert faults(page) == []

    api.answers["RoomPage"] = lambda _: {"room": whole_room(power=locked())}
    visit("/room/rom_305")
    page.get_by_role("button", name="提交给院部").click()
    expect(page.get_by_text("至少 10 个字")).to_be_visible()
    assert faults(page) == []

    visit("/code")
    expect(page.get_by_test_id("digits")).to_contain_text("9112")
    api.push_account(paid_from(bill(0, id="bil_99999"), balance="115.96"))
    expect(page.get_by_role("heading", name="支付成功")).to_be_visible()
    assert faults(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("state", "said"), [(None, "去银行签约"), ("SIGNING", "还没签完")])
def test_axe_finds_nothing_while_no_card_is_bound(
    page: Page, api: PretendApi, visit: Visit, state: str | None, said: str, scheme: str
) -> None:
    page.emulate_media(color_scheme=scheme)
    card = state and bank_card(state)
    desk = api.answers["RechargeDesk"]({})
    api.answers["RechargeDesk"] = lambda _: desk | {"bankCard": card}
    api.answers["BankCardPage"] = lambda _: {"account": {"id": "acc_1"}, "bankCard": card}
    api.answers["BankCardConfirm"] = lambda _: {
        "bankCardConfirm": {"__typename": "BankCardConfirmed", "card": card}
    }
    visit("/recharge")
    expect(page.get_by_role("link", name=re.compile("银行卡"))).to_be_visible()
    assert faults(page) == []
    visit("/bank")
    expect(page.locator("body")).to_contain_text(said)
    assert faults(page) == []


def test_axe_finds_nothing_in_the_desks_dialogs(page: Page, api: PretendApi, visit: Visit) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    api.answers |= desk_answers()
    visit("/desk#/people?number=2002001")
    page.get_by_role("button", name="退款").first.click()
    expect(page.get_by_role("dialog", name="退款")).to_be_visible()
    assert faults(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("Alt+3")
    page.get_by_role("button", name="停用 10000001").click()
    expect(page.get_by_role("dialog", name="停用 POS机 10000001")).to_be_visible()
    assert faults(page) == []


@pytest.mark.parametrize("screen", [screen for screen in SCREENS if not screen.startswith("/desk")])
def test_nothing_jumps_while_a_screen_fills(page: Page, api: PretendApi, visit: Visit, screen: str) -> None:
    page.add_init_script(f"({MEASURE})()")
    visit(screen)
    expect(page.locator("body")).to_contain_text(SCREENS[screen])
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert page.evaluate("shift") <= 0.05


@pytest.mark.parametrize("elder", [False, True])
@pytest.mark.parametrize("screen", [screen for screen in SCREENS if not screen.startswith("/desk")])
def test_every_target_is_48_px_high_and_nothing_hangs_over_the_edge(
    page: Page, api: PretendApi, visit: Visit, screen: str, elder: bool
) -> None:
    if elder:
        page.add_init_script("localStorage.setItem('onecard.elder', '1')")
    visit(screen)
    expect(page.locator("body")).to_contain_text(SCREENS[screen])
    small = page.evaluate(
        """() => [...document.querySelectorAll('a, button, input:not(.unseen):not([role=switch])')]
        .map((one) => [one, one.getBoundingClientRect()])
        .filter(([, box]) => box.height > 0 && (box.height < 48 || box.width < 44))
        .map(([one, box]) => `${one.outerHTML.slice(0, 80)} ${box.width}×${box.height}`)"""
    )
    assert small == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("screen", [screen for screen in SCREENS if not screen.startswith("/desk")])
def test_letters_of_twice_their_size_hang_over_no_edge(
    page: Page, api: PretendApi, visit: Visit, screen: str
) -> None:
    page.add_init_script(
        "addEventListener('DOMContentLoaded', () => document.documentElement.style.fontSize = '200%')"
    )
    visit(screen)
    expect(page.locator("body")).to_contain_text(SCREENS[screen])
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_motion_rests_when_it_should(page: Page, api: PretendApi, visit: Visit) -> None:
    page.emulate_media(reduced_motion="reduce")
    visit("/")
    page.get_by_role("button", name="三个钱包是什么意思").click()
    sheet = page.get_by_role("dialog")
    expect(sheet).to_be_visible()
    assert re.fullmatch(r"0m?s", sheet.evaluate("(one) => getComputedStyle(one).animationDuration"))


def test_the_code_is_black_on_white_in_the_dark(page: Page, api: PretendApi, visit: Visit) -> None:
    page.emulate_media(color_scheme="dark")
    visit("/code")
    plate = page.locator(".plate")
    expect(page.get_by_role("img", name="付款二维码")).to_be_visible()
    assert plate.evaluate("(one) => getComputedStyle(one).backgroundColor") == "rgb(255, 255, 255)"
    fill = page.get_by_role("img", name="付款条形码").evaluate("(one) => getComputedStyle(one).fill")
    assert fill == "rgb(0, 0, 0)"


def test_english_speaks_on_every_screen(page: Page, api: PretendApi, visit: Visit) -> None:
    visit("/")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_text("Recent bills")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "en"
    for screen, words in {
        "/recharge": "Wallet type",
        "/bills": "Recharged",
        "/balance": "Why can't I pay?",
        "/bank": "Unbind it whenever you like",
        "/profile": "Large type",
        "/bind": "Bind your card",
        "/electricity": "Energy left",
        "/room/rom_305": "Lasts about 41 more days",
    }.items():
        visit(screen)
        expect(page.locator("body")).to_contain_text(words)
    assert api.asked[-1][0] != ""
    assert ("Obstacles", {"amount": None, "language": "EN"}) in api.asked
    bills = [variables for name, variables in api.asked if name in ("Home", "Bills")]
    assert [asked["language"] for asked in bills] == ["ZH", "EN", "EN"]


def test_the_tiles_stand_in_one_row_on_the_smallest_phone(page: Page, api: PretendApi, visit: Visit) -> None:
    page.set_viewport_size({"width": 320, "height": 568})
    visit("/")
    expect(page.get_by_role("link", name="基本信息")).to_be_visible()
    tops = page.evaluate(
        "() => [...document.querySelectorAll('.tiles a')].map((one) => one.getBoundingClientRect().top)"
    )
    assert len(tops) == 5
    assert len(set(tops)) == 1


def test_a_button_that_waits_looks_so(page: Page, api: PretendApi, visit: Visit) -> None:
    visit("/")
    colours = page.evaluate(
        """() => ['button', 'button plain'].map((name) => {
          const one = document.body.appendChild(document.createElement('button'));
          one.className = name; one.setAttribute('aria-disabled', 'true');
          return getComputedStyle(one).color; })"""
    )
    assert colours[0] == colours[1]


@pytest.mark.parametrize("screen", ["/bind", "/recharge"])
def test_letters_of_twice_their_size_leave_room_to_type(
    page: Page, api: PretendApi, visit: Visit, screen: str
) -> None:
    page.add_init_script(
        "addEventListener('DOMContentLoaded', () => document.documentElement.style.fontSize = '200%')"
    )
    page.set_viewport_size({"width": 360, "height": 640})
    visit(screen)
    expect(page.locator("body")).to_contain_text(SCREENS[screen])
    narrow = page.evaluate(
        """() => [...document.querySelectorAll('input:not(.unseen)')]
        .filter((one) => one.clientWidth < 6 * 0.6 * parseFloat(getComputedStyle(one).fontSize))
        .map((one) => one.outerHTML.slice(0, 80))"""
    )
    assert narrow == []
