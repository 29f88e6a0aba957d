"""The page bridge, the payment sheet and the picker in a real browser, phone-sized."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, async_playwright, expect
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from support.browser import ARGUMENTS, CHROMIUM
from support.wechat import ManualClock, Sandbox, prepare_home, running_sandbox, serving

from onecard.outside.wecom_http import WecomConfig, WecomHttp

SCREENSHOTS = os.environ.get("SCREENSHOTS")


@dataclass
class Phone:
    page: Page
    sandbox: Sandbox
    school: str

    async def order(self, number: str = "RCH0000001", amount_fen: int = 5000) -> dict[str, str]:
        """The bridge's parameters, as the school gives them to the page."""
        async with self.sandbox.pay() as pay:
            expires_at = ManualClock()() + timedelta(hours=2)
            openid = self.sandbox.openid()
            return pay.bridge_parameters(
                await pay.prepay(number, amount_fen, openid, "校园卡充值", expires_at)
            )

    async def pays(self, parameters: dict[str, str]) -> None:
        """The page calls the bridge; the answer will be in `window.answer`."""
        await self.page.evaluate(
            "(asked) => WeixinJSBridge.invoke('getBrandWCPayRequest', asked, (row) => { window.answer = row })",
            parameters,
        )

    async def answer(self) -> Any:
        handle = await self.page.wait_for_function("window.answer")
        return await handle.json_value()

    async def look(self, name: str) -> None:
        if SCREENSHOTS:
            await self.page.screenshot(path=Path(SCREENSHOTS) / f"{name}.png")

    @property
    def sheet(self) -> Any:
        return self.page.frame_locator("iframe[title='微信支付（沙箱）']")


@pytest.fixture
async def phone(tmp_path: Path) -> AsyncIterator[Phone]:
    async def show(_: Request) -> Response:
        script = f'<script src="{sandbox.base}/jweixin.js"></script>'
        return HTMLResponse(
            f"<!doctype html><title>page</title>{script}<p>余额 12.30</p><button>充值</button>"
        )

    async with (
        running_sandbox(prepare_home(tmp_path)) as sandbox,
        serving([Route("/", show), Route("/auth/callback", show)]) as school,
        async_playwright() as playwright,
    ):
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = await browser.new_page(viewport={"width": 390, "height": 844}, locale="zh-CN")
        await page.goto(school)
        yield Phone(page, sandbox, school)
        await browser.close()


async def test_the_phones_back_closes_the_sheet_and_nothing_is_paid(phone: Phone) -> None:
    parameters = await phone.order()
    await phone.page.evaluate("location.hash = '/recharge'")
    await phone.pays(parameters)
    await expect(phone.sheet.get_by_role("button", name="支付", exact=True)).to_be_visible()
    await phone.page.go_back()
    assert await phone.answer() == {"err_msg": "get_brand_wcpay_request:cancel"}
    await expect(phone.page.locator("iframe")).to_have_count(0)


async def test_paying_tells_the_page_ok_and_wechat_paid(phone: Phone) -> None:
    await phone.pays(await phone.order())
    await expect(phone.sheet.locator("#amount")).to_have_text("50.00")
    await expect(phone.sheet.get_by_role("heading")).to_contain_text("临江职业技术学院")
    await expect(phone.sheet.get_by_text("林**")).to_be_visible()
    await expect(phone.sheet.get_by_role("button", name="支付", exact=True)).to_be_focused()
    await phone.look("payment")
    await phone.sheet.get_by_role("button", name="支付", exact=True).click()
    await expect(phone.sheet.get_by_text("支付成功")).to_be_visible()
    await phone.look("paid")
    await phone.sheet.get_by_role("button", name="完成").click()
    assert await phone.answer() == {"err_msg": "get_brand_wcpay_request:ok"}
    assert (await phone.sandbox.order("RCH0000001"))["state"] == "SUCCESS"
    await expect(phone.page.locator("iframe")).to_have_count(0)


async def _cancels(phone: Phone) -> None:
    await phone.sheet.get_by_role("button", name="取消").click()


async def _escapes(phone: Phone) -> None:
    await phone.sheet.get_by_role("button", name="取消").press("Escape")


async def _fails(phone: Phone) -> None:
    await phone.sheet.get_by_role("button", name="支付失败").click()
    await expect(phone.sheet.get_by_text("没有扣款")).to_be_visible()
    await phone.sheet.get_by_role("button", name="完成").click()


@pytest.mark.parametrize(("act", "told"), [(_cancels, "cancel"), (_escapes, "cancel"), (_fails, "fail")])
async def test_not_paying_tells_the_page_so(
    phone: Phone, act: Callable[[Phone], Awaitable[None]], told: str
) -> None:
    await phone.pays(await phone.order())
    await act(phone)
    assert await phone.answer() == {"err_msg": f"get_brand_wcpay_request:{told}"}
    assert (await phone.sandbox.order("RCH0000001"))["state"] == "NOTPAY"


@pytest.mark.parametrize("name", ["appId", "timeStamp", "nonceStr", "package", "signType", "paySign"])
async def test_what_the_merchant_did_not_sign_is_not_shown(phone: Phone, name: str) -> None:
    parameters = await phone.order()
    await phone.pays(parameters | {name: parameters[name] + "0"})
    await expect(phone.sheet.get_by_text("支付验证签名失败")).to_be_visible()
    await expect(phone.sheet.get_by_role("button", name="支付", exact=True)).to_have_count(0)
    await phone.look("refused")
    await phone.sheet.get_by_role("button", name="关闭").click()
    assert await phone.answer() == {"err_msg": "get_brand_wcpay_request:fail"}


async def test_a_paid_order_is_not_paid_again(phone: Phone) -> None:
    parameters = await phone.order()
    await phone.sandbox.control("orders/RCH0000001/pay")
    await phone.pays(parameters)
    await expect(phone.sheet.get_by_text("该订单已支付")).to_be_visible()


async def _configure(phone: Phone, **changes: Any) -> None:
    async with WecomHttp(WecomConfig.from_settings(phone.sandbox.settings()), ManualClock()) as wecom:
        config = await wecom.sign_jsapi(f"{phone.school}/#/recharge")
    asked = {
        "appId": config.app_id,
        "timestamp": config.timestamp,
        "nonceStr": config.nonce_str,
        "signature": config.signature,
        "jsApiList": ["chooseWXPay", "scanQRCode"],
    }
    await phone.page.evaluate(
        """(asked) => {
          wx.config(asked)
          wx.ready(() => { window.configured = 'ready' })
          wx.error((row) => { window.configured = row.errMsg })
        }""",
        asked | changes,
    )
    await phone.page.wait_for_function("window.configured")


async def test_jssdk_is_ready_when_the_page_was_signed(phone: Phone) -> None:
    await _configure(phone)
    assert await phone.page.evaluate("window.configured") == "ready"
    await phone.page.evaluate("wx.scanQRCode({needResult: 1, success: (row) => { window.answer = row }})")
    scanner = phone.page.frame_locator("iframe[title='扫一扫（沙箱）']")
    await scanner.get_by_role("textbox").fill("91000000000000000017")
    await phone.look("scanner")
    await scanner.get_by_role("button", name="识别").click()
    assert await phone.answer() == {"errMsg": "scanQRCode:ok", "resultStr": "91000000000000000017"}

    await phone.page.evaluate("window.answer = null")
    parameters = await phone.order("RCH0000002")
    parameters["timestamp"] = parameters.pop("timeStamp")
    del parameters["appId"]
    await phone.page.evaluate(
        "(asked) => wx.chooseWXPay({...asked, cancel: (row) => { window.answer = row }})", parameters
    )
    await phone.sheet.get_by_role("button", name="取消").click()
    assert await phone.answer() == {"errMsg": "chooseWXPay:cancel"}


async def test_jssdk_is_refused_when_it_was_not(phone: Phone) -> None:
    await _configure(phone, signature="0" * 40)
    assert await phone.page.evaluate("window.configured") == "config:invalid signature"
    await phone.page.evaluate("wx.scanQRCode({fail: (row) => { window.answer = row }})")
    assert await phone.answer() == {"errMsg": "scanQRCode:permission denied"}
    await expect(phone.page.locator("iframe")).to_have_count(0)


async def test_one_picks_who_logs_in(phone: Phone) -> None:
    async with WecomHttp(WecomConfig.from_settings(phone.sandbox.settings()), ManualClock()) as wecom:
        await phone.page.goto(wecom.authorize_url("st-1", f"{phone.school}/auth/callback"))
        await phone.look("picker")
        await phone.page.get_by_role("searchbox").fill("周")
        await phone.page.get_by_role("button", name="查找").click()
        await expect(phone.page.get_by_role("listitem")).to_have_count(1)
        await phone.look("picker-search")
        await phone.page.locator("a[data-number='2002002']").click()
        await phone.page.wait_for_url(f"{phone.school}/auth/callback?**")
        code = phone.page.url.partition("code=")[2].partition("&")[0]
        assert phone.page.url.endswith("&state=st-1")
        assert (await wecom.find_user(code)).userid == "2002002"
