"""A student with a month behind her: three wallets as the guide explains them, bills that add up, any screen clean.

`make pictures` runs this story with PICTURES_TO set, and README's pictures are what it saw.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from guide.conftest import House
from playwright.sync_api import Browser, BrowserContext, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="zh-CN", device_scale_factor=2, reduced_motion="reduce"
    )
    yield context.new_page()
    context.close()


def test_three_wallets_and_a_month(house: House, page: Page) -> None:
    page.goto(f"{house.page}/")
    page.get_by_text("2002001").click()
    expect(page.get_by_text("学工号 2002001")).to_be_visible()
    shown = [_amount(page, name) for name in ("卡余额", "过渡余额", "电子账户")]
    assert shown[1] < 0, "phone spending, not yet written to the card"
    assert _amount(page, "可用余额") == sum(shown)
    _picture(page, "home")

    page.get_by_role("link", name="付款码").click()
    expect(page.get_by_role("img", name="付款二维码")).to_be_visible()
    _picture(page, "code")

    page.goto(f"{house.page}/#/bills")
    expect(page.get_by_text("领款到卡").first).to_be_visible()
    _picture(page, "bills")


def test_the_playground_beside_the_phone(house: House, phone: BrowserContext) -> None:
    """Log in on the phone inside the playground, as a newcomer does."""
    page = phone.new_page()
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{house.playground}/playground")
    inside = page.frame_locator("iframe")
    inside.get_by_text("2002001").click()
    expect(inside.get_by_text("学工号 2002001")).to_be_visible()
    page.get_by_label("窗口").select_option("10000002")  # at which no other story sells
    expect(page.get_by_text("请输入金额")).to_be_visible()
    _picture(page, "playground")


def test_an_operator_at_the_desk(house: House, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{house.page}/desk")
    page.get_by_text("9001001").click()
    page.get_by_label("学工号").fill("2002001")
    page.keyboard.press("Enter")
    expect(page.get_by_text("−5.04").first).to_be_visible()
    _picture(page, "desk")
    context.close()


def _amount(page: Page, name: str) -> int:
    """The fen shown beside a wallet's name."""
    text = page.get_by_text(re.compile(rf"^{name}\s*[−\d.]+$")).first.inner_text()
    number = text.split(name)[1].strip().replace("−", "-")
    return round(float(number) * 100)


def _picture(page: Page, name: str) -> None:
    folder = os.environ.get("PICTURES_TO")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png")
