"""付款码: always one that works, on any network; and the news of a charge at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from web.faults import faults
from web.pretend_api import Fail, PretendApi, Variables, bill, issued_code, paid_from

pytestmark = pytest.mark.browser
Visit = Callable[[str], None]
FIRST, SECOND = "91123456789012345678", "91876543210987654321"


def away(_: Variables) -> object:
    raise Fail(0)


def test_a_charge_shows_by_the_live_line(page: Page, api: PretendApi, visit: Visit) -> None:
    visit("/code")
    expect(page.get_by_test_id("digits")).to_have_text("9112 3456 7890 1234 5678")
    api.await_live()
    api.push_account(paid_from(bill(0, id="bil_99999"), balance="115.96", available="115.96"))
    expect(page.get_by_role("heading", name="支付成功")).to_be_visible()
    paid = page.get_by_role("alert")
    expect(paid).to_contain_text("丹枫美食城 一楼")
    expect(paid).to_contain_text("12.50")
    expect(paid).to_contain_text("115.96")
    expect(page.get_by_test_id("digits")).to_have_count(0)


def test_without_the_live_line_it_asks_instead(page: Page, api: PretendApi, visit: Visit) -> None:
    api.live = False
    visit("/code")
    expect(page.get_by_test_id("digits")).to_contain_text("9112")
    api.answers["PaymentCodeWatch"] = lambda _: {"account": paid_from(bill(0, id="bil_99999"))}
    expect(page.get_by_role("heading", name="支付成功")).to_be_visible()


def test_money_coming_in_is_no_payment(page: Page, api: PretendApi, visit: Visit) -> None:
    visit("/code")
    expect(page.get_by_test_id("digits")).to_contain_text("9112")
    credit = bill(4, id="bil_99999")
    api.push_account(paid_from(credit, available="228.46"))
    expect(page.get_by_text("228.46")).to_be_visible()
    expect(page.get_by_test_id("digits")).to_contain_text("9112")


def test_it_renews_before_it_ends(page: Page, api: PretendApi, visit: Visit) -> None:
    codes = iter([FIRST, SECOND])
    api.answers["PaymentCodeIssue"] = lambda _: issued_code(code=next(codes, SECOND), seconds=4)
    visit("/code")
    expect(page.get_by_test_id("digits")).to_contain_text("9112")
    expect(page.get_by_test_id("digits")).to_contain_text("9187")


def test_a_bad_network_keeps_the_code_while_it_works_and_says_so(
    page: Page, api: PretendApi, visit: Visit
) -> None:
    api.answers["PaymentCodeIssue"] = lambda _: issued_code(seconds=6)
    visit("/code")
    expect(page.get_by_test_id("digits")).to_contain_text("9112")
    api.answers["PaymentCodeIssue"] = away
    expect(page.get_by_text("网络不好，换不了新码。这个码还能用")).to_be_visible()
    expect(page.get_by_test_id("digits")).to_contain_text("9112")
    expect(page.get_by_text("付款码过期了")).to_be_visible()
    expect(page.get_by_test_id("digits")).not_to_contain_text("9112")
    expect(page.get_by_role("img", name="付款二维码")).to_have_count(0)
    api.answers["PaymentCodeIssue"] = lambda _: issued_code(code=SECOND)
    expect(page.get_by_test_id("digits")).to_contain_text("9187")


def test_a_refusal_stands_where_the_code_would(page: Page, api: PretendApi, visit: Visit) -> None:
    api.answers["PaymentCodeIssue"] = lambda _: {
        "paymentCodeIssue": {
            "__typename": "AccountFrozen",
            "code": "ACCOUNT_FROZEN",
            "message": "账户已冻结，余额没有动。",
            "remedy": "请到卡务中心。",
        }
    }
    visit("/code")
    expect(page.get_by_role("alert")).to_contain_text("请到卡务中心。")
    expect(page.get_by_role("img", name="付款二维码")).to_have_count(0)
    page.wait_for_timeout(1500)  # two ticks: a final refusal is not asked again by itself
    assert api.times("PaymentCodeIssue") == 1
    assert faults(page) == []
    api.answers["PaymentCodeIssue"] = issued_code
    page.get_by_role("button", name="再试一次").click()
    expect(page.get_by_test_id("digits")).to_contain_text("9112")


def test_a_code_that_never_came_is_not_called_expired(page: Page, api: PretendApi, visit: Visit) -> None:
    api.answers["PaymentCodeIssue"] = away
    visit("/code")
    expect(page.get_by_text("还没有取到付款码，网络恢复后会自动再取。没有扣钱。")).to_be_visible()
    api.answers["PaymentCodeIssue"] = lambda _: {
        "paymentCodeIssue": {"__typename": "TooManyAttempts", "retryAfterSeconds": 30}
    }
    expect(page.get_by_text("秒后自动再取。")).to_be_visible()


def test_home_after_paying_never_shows_what_was_there_before(
    context: BrowserContext, page: Page, api: PretendApi, visit: Visit, address: str
) -> None:
    context.add_cookies([{"name": "onecard_who", "value": api.login, "url": address}])
    visit("/")
    expect(page.locator(".sum")).to_contain_text("128")
    visit("/code")
    expect(page.get_by_test_id("digits")).to_contain_text("9112")
    api.push_account(paid_from(bill(0, id="bil_99999"), balance="115.96"))
    api.answers["Home"] = away
    page.get_by_role("link", name="回首页").click()
    expect(page.get_by_role("alert")).to_contain_text("网络没有连上。")
    expect(page.locator("body")).not_to_contain_text("128")


def test_the_digits_can_be_copied(
    context: BrowserContext, page: Page, api: PretendApi, visit: Visit, address: str
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    visit("/code")
    expect(page.get_by_test_id("digits")).to_contain_text("9112")
    page.get_by_role("button", name="复制数字").click()
    expect(page.get_by_text("已复制")).to_be_attached()
    assert page.evaluate("navigator.clipboard.readText()") == FIRST


@pytest.mark.parametrize(("available", "told"), [("0.00", 1), ("-5.04", 1), ("0.01", 0)])
def test_an_empty_account_is_told_before_the_till_says_no(
    page: Page, api: PretendApi, visit: Visit, available: str, told: int
) -> None:
    issued = issued_code()
    issued["paymentCodeIssue"]["account"] |= {"available": available}
    api.answers["PaymentCodeIssue"] = lambda _: issued
    api.answers["PaymentCodeWatch"] = lambda _: {"account": issued["paymentCodeIssue"]["account"]}
    visit("/code")
    expect(page.get_by_test_id("digits")).to_contain_text("9112")
    expect(page.get_by_text("余额大于 0 才能付款，请先充值。")).to_have_count(told)
