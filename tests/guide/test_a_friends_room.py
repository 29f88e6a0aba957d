"""缴电费, from a phone to a meter: 30.00 for a friend's room by WeChat, and the kWh rise on the meter, read by its own
protocol.

Told of counselor 1005001 and a room of the north campus, where meters count their own credit.
"""

from __future__ import annotations

import json
import re
import socket
from pathlib import Path

import pytest
from guide.conftest import House, log_in
from playwright.sync_api import Browser, BrowserContext, Page, expect
from support.waiting import wait_until

from devices_gateway.frames.dlt645 import (
    CREDIT_COUNT,
    REMAINING_ENERGY,
    Framer,
    encode,
    energy_wh,
    read_request,
)
from devices_gateway.frames.meter_line import from_bcd

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

ROOM, NUMBER = "中专部3栋 302", "202600030302"


def ask_meter(house: House, identifier: str) -> bytes:
    """What the meter says on its line, asked by ourselves past the gateway."""
    config = json.loads((house.home / "gateway" / "gateway.json").read_text("utf-8"))
    (line,) = [bus for bus in config["buses"] if any(one["number"] == NUMBER for one in bus["meters"])]
    request = read_request(NUMBER, identifier)
    with socket.create_connection((line["host"], line["port"]), timeout=10) as connection:
        connection.sendall(encode(request))
        framer = Framer()
        while True:
            for frame in framer.feed(connection.recv(4096)):
                if frame.answers(request):
                    assert not frame.is_error, frame.error
                    return frame.value


def pay_in_wechat(page: Page, sum: str) -> None:
    sheet = page.frame_locator("iframe")
    expect(sheet.get_by_text(sum).first).to_be_visible()
    sheet.get_by_role("button", name="支付", exact=True).click()
    sheet.get_by_role("button", name="完成").click()


def test_thirty_yuan_for_a_friends_room(house: House, phone: BrowserContext, tmp_path: Path) -> None:
    before_wh = energy_wh(ask_meter(house, REMAINING_ENERGY))
    counter = from_bcd(ask_meter(house, CREDIT_COUNT))
    page = phone.new_page()
    log_in(page, house, "1005001")

    # The friend's room: campus, building, floor, number; what it has left, with its unit and its age.
    page.get_by_role("link", name="缴电费", exact=True).click()
    picker = page.get_by_role("dialog", name="选择宿舍")
    expect(picker).to_be_visible()
    picker.get_by_role("button", name="北校区").click()
    picker.get_by_label("楼栋").select_option("中专部3栋")
    picker.get_by_label("楼层").select_option("3 层")
    picker.get_by_role("button", name="302", exact=True).click()
    expect(page.get_by_role("heading", name=ROOM)).to_be_visible()

    def is_read() -> bool:
        page.wait_for_timeout(2_000)  # a browser that reloads oftener than once a second is told to wait
        page.reload()
        expect(page.get_by_role("heading", name=ROOM)).to_be_visible()
        return page.get_by_text("的读数").is_visible()

    wait_until(is_read, "the gateway's first reading of that room", 60)

    # 30 yuan by WeChat.
    page.get_by_role("button", name="30 元", exact=True).click()
    expect(page.get_by_text("约 53.73 度")).to_be_visible()
    page.locator("label", has_text="微信").click()
    page.get_by_role("button", name="确认缴费 30.00 元").click()
    pay_in_wechat(page, "¥30.00")
    expect(page.get_by_role("heading", name="缴费成功")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("买了 53.73 度")).to_be_visible()

    # On the meter itself: the energy, less what ran meanwhile, and one purchase more.
    risen_wh = energy_wh(ask_meter(house, REMAINING_ENERGY)) - before_wh
    assert 53_600 < risen_wh <= 53_740
    assert from_bcd(ask_meter(house, CREDIT_COUNT)) == counter + 1

    # The bill names the room and who paid; the account was not touched.
    page.goto(f"{house.page}/#/bills")
    page.get_by_text("缴电费").first.click()
    expect(page.get_by_text(ROOM)).to_be_visible()
    expect(page.get_by_text(re.compile("微信 30.00"))).to_be_visible()


def test_the_room_is_remembered_and_the_books_hold(house: House, phone: BrowserContext) -> None:
    page = phone.new_page()
    log_in(page, house, "1005001")
    page.get_by_role("link", name="缴电费", exact=True).click()
    expect(page.get_by_role("heading", name=ROOM)).to_be_visible()
    checked = house.onecard("ledger", "check")
    assert checked.returncode == 0, checked.stdout


def test_a_parent_pays_by_a_link(house: House, phone: BrowserContext, browser: Browser) -> None:
    """A student makes a link; somebody nobody at school knows opens it on another phone and pays by WeChat."""
    phone.grant_permissions(["clipboard-read", "clipboard-write"])
    page = phone.new_page()
    log_in(page, house, "2002001")
    page.get_by_role("link", name="缴电费", exact=True).click()
    page.get_by_role("link", name="用电情况").click()
    page.get_by_label("给谁，例如：妈妈").fill("妈妈")
    page.get_by_role("button", name="新建链接").click()
    page.get_by_role("button", name="复制链接").click()
    expect(page.get_by_text("已复制，发给 妈妈 就可以了。")).to_be_visible()
    room = page.get_by_role("heading", level=2).first.inner_text()
    url = page.evaluate("navigator.clipboard.readText()")

    other = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    parent = other.new_page()
    parent.goto(url)
    parent.get_by_text("家长001").click()
    expect(parent.get_by_role("heading", name=room)).to_be_visible()
    assert "/#/pay" in parent.url
    assert url.rpartition("/")[2] not in parent.url
    parent.get_by_role("button", name="50 元", exact=True).click()
    parent.get_by_role("button", name="微信支付 50.00 元").click()
    pay_in_wechat(parent, "¥50.00")
    expect(parent.get_by_role("heading", name="缴费成功")).to_be_visible(timeout=60_000)
    other.close()

    page.reload()
    expect(page.get_by_text("妈妈 ·")).to_be_visible()
    page.get_by_role("button", name="妈妈 ").click()
    page.get_by_role("button", name="停用").click()
    page.get_by_role("button", name="再点一次停用").click()
    expect(page.get_by_role("button", name="妈妈 ")).to_have_count(0)
    assert page.request.get(url).status == 404


def test_the_payment_platform_takes_it_too(house: House, phone: BrowserContext) -> None:
    """From the page to the platform's cashier and back, by its signed word alone."""
    page = phone.new_page()
    log_in(page, house, "2002001")
    page.get_by_role("link", name="缴电费", exact=True).click()
    page.get_by_role("button", name="20 元", exact=True).click()
    page.locator("label", has_text="统一支付平台").click()
    page.get_by_role("button", name="确认缴费 20.00 元").click()
    page.wait_for_url(f"{house.playground}/**")
    expect(page.get_by_text("¥20.00")).to_be_visible()
    page.get_by_role("button", name="支付", exact=True).click()
    expect(page.get_by_role("heading", name="缴费成功")).to_be_visible(timeout=60_000)
    checked = house.onecard("ledger", "check")
    assert checked.returncode == 0, checked.stdout
