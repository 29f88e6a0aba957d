"""绑定银行卡, from the page to the bank's own page and back: it pays 卡片充值 and 缴电费, and a no of the bank's is one
that its holder understands."""

from __future__ import annotations

import pytest
from guide.conftest import House, log_in
from playwright.sync_api import BrowserContext, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def sign(page: Page, house: House, tail: str) -> None:
    """On the bank's page, as its holder."""
    page.get_by_role("button", name="去银行签约").click()
    page.wait_for_url(f"{house.playground}/bank/**")
    expect(page.get_by_text("不会动真钱")).to_be_visible()
    page.locator("label", has_text=f"尾号 {tail}").click()
    page.get_by_role("button", name="同意并签约").click()
    page.wait_for_url(f"{house.page}/**")
    expect(page.get_by_text("绑定成功")).to_be_visible()
    expect(page.get_by_text(tail)).to_be_visible()


def recharge(page: Page, amount: str) -> None:
    page.get_by_role("button", name=f"{amount} 元", exact=True).click()
    page.locator("label", has_text="尾号").click()
    page.get_by_role("button", name=f"确认充值 {amount}.00 元").click()


def test_bound_it_pays_and_declined_it_says_why(house: House, phone: BrowserContext) -> None:
    page = phone.new_page()
    log_in(page, house, "2002001")

    # On the way to a recharge: there is no card, so to the bank, and back to where one was.
    page.get_by_role("link", name="卡片充值").click()
    page.get_by_role("link", name="去绑定").click()
    sign(page, house, "0001")
    page.get_by_role("link", name="回去充值").click()
    recharge(page, "30")
    expect(page.get_by_role("heading", name="充值成功")).to_be_visible(timeout=30_000)

    # The room's electricity from the same card.
    page.goto(f"{house.page}/#/electricity")
    page.get_by_role("button", name="10 元", exact=True).click()
    page.locator("label", has_text="尾号 0001").click()
    page.get_by_role("button", name="确认缴费 10.00 元").click()
    expect(page.get_by_role("heading", name="缴费成功")).to_be_visible(timeout=60_000)

    # Another card, with five yuan on it.
    page.goto(f"{house.page}/#/bank")
    page.get_by_role("button", name="解绑", exact=True).click()
    page.get_by_role("button", name="再点一次解绑").click()
    expect(page.get_by_text("已解绑")).to_be_visible()
    sign(page, house, "0002")
    page.goto(f"{house.page}/#/recharge")
    recharge(page, "50")
    expect(page.get_by_text("银行卡余额不足")).to_be_visible()

    checked = house.onecard("ledger", "check")
    assert checked.returncode == 0, checked.stdout
