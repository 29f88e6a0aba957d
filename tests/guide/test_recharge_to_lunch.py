"""The ground's story: log in, bind, recharge 50.00, show the code, pay 12.50 at a canteen, read the bill.

Everything is real but the people: the page in Chromium, the API, PostgreSQL, Valkey, the worker, the gateway, the
terminal's ISO 8583 frames, WeChat's signatures.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator

import pytest
from guide.conftest import House
from playwright.sync_api import Browser, BrowserContext, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture
def till(browser: Browser, house: House) -> Iterator[Page]:
    """The playground on a wide screen."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{house.playground}/playground")
    yield page
    context.close()


def test_from_a_recharge_to_a_paid_lunch(house: House, phone: BrowserContext, till: Page) -> None:
    accounts = json.loads((house.home / "sandbox" / "accounts.json").read_text("utf-8"))["accounts"]
    digits = next(one["queryPassword"] for one in accounts if one["number"] == "2002002")
    page = phone.new_page()

    # She opens the page; WeCom says who she is; the card is not bound yet.
    page.goto(f"{house.page}/")
    page.get_by_text("2002002").click()
    expect(page.get_by_role("heading", name="绑定校园卡")).to_be_visible()
    page.get_by_role("textbox", name="学号").fill("2002002")
    page.get_by_role("textbox", name="查询密码").fill(digits)
    page.get_by_role("button", name="绑定", exact=True).click()
    expect(page.get_by_text("学工号 2002002")).to_be_visible()
    _expect_wallets(page, card="0.00", transition="0.00", electronic="0.00")

    # 50 yuan through WeChat: the money lands in the transition balance.
    page.get_by_role("link", name="卡片充值").click()
    page.get_by_role("button", name="50 元", exact=True).click()
    page.get_by_role("button", name="确认充值").click()
    sheet = page.frame_locator("iframe")
    expect(sheet.get_by_text("¥50.00").first).to_be_visible()
    sheet.get_by_role("button", name="支付", exact=True).click()
    sheet.get_by_role("button", name="完成").click()
    expect(page.get_by_text("充值成功")).to_be_visible()
    page.goto(f"{house.page}/#/")
    _expect_wallets(page, card="0.00", transition="50.00", electronic="0.00")

    # At the canteen: the code on the phone, the amount on the till, one scan.
    page.get_by_role("link", name="付款码").click()
    digits_shown = page.get_by_role("button", name="复制数字")
    expect(digits_shown).to_have_text(re.compile(r"^(\d{4}\s?){5}"))
    code = re.sub(r"\D", "", digits_shown.inner_text())
    _sell(till, "12.50", code)
    expect(till.get_by_text("支付成功").first).to_be_visible()
    expect(page.get_by_text("支付成功")).to_be_visible()  # the phone hears of it by itself

    # The same code again pays nothing.
    _sell(till, "12.50", code)
    expect(till.get_by_text(re.compile("付款码已使用|已用过|已经用过")).first).to_be_visible()

    # The lunch is in the bills, the wallets add up.
    page.goto(f"{house.page}/#/bills")
    expect(page.get_by_text("−12.50")).to_be_visible()
    expect(page.get_by_text("+50.00")).to_be_visible()
    page.goto(f"{house.page}/#/")
    _expect_wallets(page, card="0.00", transition="37.50", electronic="0.00")


def test_the_books_hold_after_it(house: House) -> None:
    """Outside readers agree: our checker shares no code with posting, hledger shares nothing with us."""
    checked = house.onecard("ledger", "check")
    assert checked.returncode == 0, checked.stdout
    journal = house.onecard("ledger", "export").stdout
    hledger = ["hledger", "-f", "-", "check", "-s"]
    subprocess.run(hledger, input=journal, text=True, check=True, timeout=120)
    altered = journal.replace("12.50 CNY", "12.51 CNY", 1)
    assert altered != journal
    assert subprocess.run(hledger, input=altered, text=True, capture_output=True, timeout=120).returncode != 0


def _sell(till: Page, amount: str, code: str) -> None:
    till.get_by_role("button", name="清除").click()
    for key in amount:
        till.get_by_role("button", name={".": "小数点"}.get(key, key), exact=True).click()
    till.get_by_placeholder("粘贴或输入 20 位数字").fill(code)
    till.get_by_role("button", name="收款").click()


def _expect_wallets(page: Page, *, card: str, transition: str, electronic: str) -> None:
    for name, amount in (("卡余额", card), ("过渡余额", transition), ("电子账户", electronic)):
        expect(page.get_by_text(re.compile(f"^{name}\\s*{re.escape(amount)}$"))).to_be_visible()
