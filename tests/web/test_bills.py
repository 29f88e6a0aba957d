"""我的账单: filters in the address, a list that ends, and a bill that can be asked about."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from web.pretend_api import Fail, PretendApi, Variables, bill, bill_detail, month_totals, page_of_bills

pytestmark = pytest.mark.browser
Visit = Callable[[str], None]


def test_filters_live_in_the_address(page: Page, api: PretendApi, visit: Visit) -> None:
    visit("/bills")
    page.get_by_role("button", name="充值", exact=True).click()
    page.wait_for_url("**/#/bills?kind=recharged")
    expect(page.locator(".bill").first).to_contain_text("微信充值")
    month = month_totals({})["account"]["monthTotals"][1]["month"]
    page.locator(".bars6 button").nth(4).click()
    page.wait_for_url(f"**/#/bills?kind=recharged&month={month}")
    page.wait_for_function("document.querySelector('.bill a, a.bill')")
    variables = [variables for name, variables in api.asked if name == "Bills"][-1]
    assert variables["kind"] == ["RECHARGE"]
    assert variables["from"] == f"{month}-01"
    assert variables["to"].startswith(month)
    assert variables["to"] > f"{month}-27"
    page.reload()
    expect(page.get_by_role("button", name="充值", exact=True)).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".months")).to_contain_text("512.90")


def test_a_line_that_moves_no_money_says_what_it_did(page: Page, api: PretendApi, visit: Visit) -> None:
    """领款: 0.00 alone would leave a student guessing."""
    line = bill(0, kind="CHIP_LOAD", title="领款到卡", amount="0.00")
    info = {"hasNextPage": False, "endCursor": None}
    api.answers["Bills"] = lambda _: {
        "account": {"id": "acc_1", "bills": {"edges": [{"node": line}], "pageInfo": info}}
    }
    visit("/bills")
    expect(page.locator("a.bill")).to_contain_text("转到卡里，总额不变")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_list_goes_on_to_its_end(page: Page, api: PretendApi, visit: Visit) -> None:
    visit("/bills")
    expect(page.locator("a.bill").nth(19)).to_be_attached()
    page.mouse.move(200, 600)
    for _ in range(12):
        page.mouse.wheel(0, 2000)
        page.wait_for_timeout(50)
    expect(page.get_by_text("没有更多了")).to_be_visible()
    assert page.locator("a.bill").count() == 50
    assert [v["after"] for name, v in api.asked if name == "Bills"] == [None, "20", "40"]


def test_a_page_that_fails_in_the_middle_can_be_had_again(page: Page, api: PretendApi, visit: Visit) -> None:
    def half(variables: Variables) -> object:
        if variables["after"]:
            raise Fail(500)
        return page_of_bills(variables)

    api.answers["Bills"] = half
    visit("/bills")
    expect(page.locator("a.bill").nth(19)).to_be_attached()
    page.locator("a.bill").nth(19).scroll_into_view_if_needed()
    expect(page.get_by_role("alert")).to_contain_text("后面的没有加载出来。")
    api.answers["Bills"] = page_of_bills
    page.get_by_role("button", name="再试一次").click()
    expect(page.locator("a.bill").nth(39)).to_be_attached()


def test_nothing_is_said_where_there_is_nothing(page: Page, api: PretendApi, visit: Visit) -> None:
    empty = {"edges": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}
    api.answers["Bills"] = lambda _: {"account": {"id": "acc_1", "bills": empty}}
    visit("/bills")
    expect(page.get_by_text("还没有账单。")).to_be_visible()
    visit("/bills?kind=returned")
    expect(page.get_by_text("没有这样的账单，换个条件看看。")).to_be_visible()


def test_a_bill_says_where_the_money_came_from_and_what_to_do_about_it(
    page: Page, api: PretendApi, visit: Visit
) -> None:
    visit("/bills")
    page.locator("a.bill").first.click()
    expect(page.get_by_role("heading", name="账单详情")).to_be_visible()
    facts = page.locator(".facts")
    expect(facts).to_contain_text("过渡余额−12.50")
    expect(facts).not_to_contain_text("电子账户")
    expect(facts).to_contain_text("1123-9000")
    page.get_by_role("button", name="对此有疑问").click()
    expect(page.get_by_text("到卡务中心，报上面的查询号")).to_be_visible()
    page.get_by_role("button", name="返回").click()
    expect(page.get_by_role("heading", name="我的账单")).to_be_visible()


def test_a_bill_that_is_not_mine_is_not_found(page: Page, api: PretendApi, visit: Visit) -> None:
    api.answers["BillDetail"] = lambda _: {"node": None}
    visit("/bills/bil_1")
    expect(page.get_by_text("没有找到这笔账单。")).to_be_visible()


def test_coming_back_from_a_bill_finds_the_list_as_it_was(page: Page, api: PretendApi, visit: Visit) -> None:
    visit("/bills?kind=spent")
    page.locator("a.bill").nth(19).scroll_into_view_if_needed()
    expect(page.locator("a.bill").nth(30)).to_be_attached()
    page.locator("a.bill").nth(30).click()
    expect(page.get_by_role("heading", name="账单详情")).to_be_visible()
    page.go_back()
    expect(page.locator("a.bill").nth(30)).to_be_in_viewport()
    assert [variables["after"] for name, variables in api.asked if name == "Bills"].count(None) == 1
    visit("/bills?kind=recharged")  # another list is another question
    expect(page.locator("a.bill").first).to_contain_text("微信充值")


def test_without_the_totals_the_list_stands_alone(page: Page, api: PretendApi, visit: Visit) -> None:
    def broken(_: Variables) -> object:
        raise Fail(403)

    api.answers["MonthTotals"] = broken
    visit("/bills")
    expect(page.locator("a.bill").first).to_be_visible()
    expect(page.locator(".months, .months-bone")).to_have_count(0)


def test_a_chosen_month_can_be_left_again_by_name(page: Page, api: PretendApi, visit: Visit) -> None:
    month = month_totals({})["account"]["monthTotals"][1]["month"]
    visit(f"/bills?month={month}")
    page.get_by_role("button", name="看全部月份").click()
    page.wait_for_url("**/#/bills")


def test_doubts_about_a_recharge_are_not_about_a_meal(page: Page, api: PretendApi, visit: Visit) -> None:
    api.answers["BillDetail"] = lambda variables: {
        "node": bill_detail(variables)["node"] | {"kind": "RECHARGE", "title": "微信充值", "merchant": None}
    }
    visit("/bills/bil_1")
    page.get_by_role("button", name="对此有疑问").click()
    expect(page.get_by_text("对照微信或银行的付款记录")).to_be_visible()
    expect(page.get_by_text("一餐")).to_have_count(0)


def test_a_refund_and_its_original_lead_to_each_other(page: Page, api: PretendApi, visit: Visit) -> None:
    def detail(variables: Variables) -> object:
        node = bill_detail(variables)["node"]
        if variables["id"] == "bil_2":
            node |= {"kind": "REVERSAL", "title": "冲正 学子超市", "reverses": {"id": "bil_1"}}
        else:
            node |= {"title": "学子超市", "reversedBy": {"id": "bil_2", "occurredAt": node["occurredAt"]}}
        return {"node": node}

    api.answers["BillDetail"] = detail
    visit("/bills/bil_2")
    page.get_by_role("link", name="这是一笔退回").click()
    expect(page.get_by_text("付款码消费")).to_be_visible()
    page.get_by_role("link", name="这笔已退回").click()
    expect(page.get_by_text("冲正 学子超市")).to_be_visible()
