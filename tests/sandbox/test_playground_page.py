"""The built playground in a real Chromium: the real terminals' simulator, real frames, a stub gateway."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import segno
import uvicorn
from playwright.async_api import Browser, Page, async_playwright, expect
from support.browser import ARGUMENTS, CHROMIUM

from sandbox.app import assemble
from sandbox.playground.pos_card import PosCard, Till
from sandbox.playground.wechat_card import WechatCard
from sandbox.wechat import World

WEBAPP = Path(__file__).parents[2] / "webapp"
BUILT = WEBAPP / "dist-playground"
CODE = "91234567890123456783"
NUMBER = "10000003"
ACCOUNT = {
    "number": "2002002",
    "name": "万月萍",
    "role": "STUDENT",
    "queryPassword": "120348",
    "note": "学生，未绑定",
}
BOUND_MS = 10_000
expect.set_options(timeout=BOUND_MS)


@pytest.fixture(scope="session")
def built() -> Path:
    """webapp/dist-playground; built when it is older than a source."""
    sources = [path for path in (WEBAPP / "src" / "playground").rglob("*") if path.is_file()]
    sources += [*(WEBAPP / "src" / "styles").iterdir(), *(WEBAPP / "src" / "components").iterdir()]
    sources += [WEBAPP / "playground.html"]
    page = BUILT / "playground.html"
    if not page.exists() or page.stat().st_mtime < max(path.stat().st_mtime for path in sources):
        subprocess.run(["npm", "run", "--silent", "build:playground"], cwd=WEBAPP, check=True)
    return BUILT


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self.ready.set()


@pytest.fixture
async def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
async def address(
    gateway: Any, terminal_keys: dict[str, bytes], world: World, built: Path
) -> AsyncIterator[str]:
    tills = [
        Till(number, "家常快餐", f"第一食堂{number[-1]}号窗", key) for number, key in terminal_keys.items()
    ]
    pos = PosCard(tills, "127.0.0.1", gateway.port, reply_timeout_s=0.5)
    told = {"school": "临江职业技术学院", "accounts": [ACCOUNT], "pageUrl": "/sandbox/wechat/inbox"}
    app = assemble(world, [pos, WechatCard(world)], told, "http://127.0.0.1:8000/", built)
    server = _Server(uvicorn.Config(app, port=0, log_level="warning", timeout_graceful_shutdown=1))
    serving = asyncio.create_task(server.serve())
    await asyncio.wait_for(server.ready.wait(), 10)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def opened(
    address: str,
) -> AsyncIterator[Page]:
    """The playground at its third window; a fault of its own script or policy fails the test."""
    faults: list[str] = []
    async with chromium() as browser:
        page = await browser.new_page(viewport={"width": 1440, "height": 900}, locale="zh-CN")
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda message: faults.append(message.text) if "Content Security" in message.text else None,
        )
        await page.goto(f"{address}/playground")
        await page.get_by_label("窗口").select_option(NUMBER)
        await expect(page.get_by_text("联机", exact=True)).to_be_visible()
        yield page
    assert faults == []


async def type_amount(page: Page, keys: str) -> None:
    for key in keys:
        await page.get_by_role("button", name="小数点" if key == "." else key, exact=True).click()


async def test_an_amount_and_a_code_become_a_paid_lunch_and_can_be_taken_back(
    address: str, gateway: Any
) -> None:
    async with opened(address) as page:
        await type_amount(page, "12.50")
        await page.get_by_label("付款码").fill(CODE)
        await page.get_by_test_id("charge").click()

        await expect(page.get_by_test_id("display")).to_contain_text("可用余额 87.50元")
        await expect(page.get_by_test_id("voice")).to_have_text("支付成功")
        await expect(page.get_by_label("付款码")).to_have_value("")
        assert gateway.posted == [(NUMBER, 1250)]

        await page.get_by_text("0200 付款请求").click()
        frame = page.locator("details[open]")
        await expect(frame.locator("dd").get_by_text("000000001250")).to_be_visible()
        await expect(frame).to_contain_text("…6783")
        await expect(page.locator("body")).not_to_contain_text(CODE)

        await page.get_by_role("button", name="撤销上一笔").click()
        await expect(page.get_by_test_id("display")).to_contain_text("冲正成功")
        assert gateway.codes[CODE] == 10000


async def test_the_keyboard_types_and_a_picture_of_the_code_charges_at_once(
    address: str, gateway: Any, tmp_path: Path
) -> None:
    picture = tmp_path / "code.png"
    segno.make(CODE, micro=False).save(str(picture), scale=6)
    async with opened(address) as page:
        await page.get_by_role("button", name="1", exact=True).focus()
        await page.keyboard.type("78.057")
        await page.keyboard.press("Backspace")
        await expect(page.get_by_test_id("amount")).to_have_text("78.0")
        await page.keyboard.type("6")
        await page.get_by_role("button", name="扫码").click()
        await page.get_by_test_id("scan-file").set_input_files(picture)

        await expect(page.get_by_test_id("voice")).to_have_text("支付成功")
        assert gateway.posted == [(NUMBER, 7806)]


async def test_a_picture_without_a_code_says_so_and_charges_nobody(
    address: str, gateway: Any, tmp_path: Path
) -> None:
    picture = tmp_path / "blank.svg"
    picture.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="200" height="200"/>')
    async with opened(address) as page:
        await type_amount(page, "5")
        await page.get_by_role("button", name="扫码").click()
        await page.get_by_test_id("scan-file").set_input_files(picture)
        await expect(page.get_by_role("alert")).to_have_text("没有找到二维码，请放大后重试")
    assert gateway.posted == []


async def test_a_lost_reply_is_asked_for_again_and_money_moves_once(address: str, gateway: Any) -> None:
    async with opened(address) as page:
        await page.get_by_label("丢掉下一个应答").check(force=True)
        await type_amount(page, "8")
        await page.get_by_label("付款码").fill(CODE)
        await page.get_by_label("付款码").press("Enter")

        await expect(page.get_by_test_id("voice")).to_have_text("支付成功")
        await expect(page.get_by_text("没有等到应答，用同一流水号重发")).to_be_visible()
        await expect(page.get_by_label("丢掉下一个应答")).not_to_be_checked()
        assert gateway.posted == [(NUMBER, 800)]


async def test_a_pulled_cable_shows_and_a_refusal_is_heard(address: str, gateway: Any) -> None:
    async with opened(address) as page:
        await page.get_by_role("button", name="拔掉网线").click()
        await expect(page.get_by_text("网线已拔")).to_be_visible()
        await page.get_by_role("button", name="插上网线").click()
        await expect(page.get_by_text("联机", exact=True)).to_be_visible()

        await type_amount(page, "8")
        await page.get_by_label("付款码").fill("91000000000000000000")
        await page.get_by_test_id("charge").click()
        await expect(page.get_by_test_id("voice")).to_have_text("付款码无效")
        await expect(page.get_by_test_id("display")).to_contain_text("没有扣款")
    assert gateway.posted == []


async def test_a_double_press_is_one_sale_and_a_refused_code_stays(address: str, gateway: Any) -> None:
    async with opened(address) as page:
        await type_amount(page, "8")
        await page.get_by_label("付款码").fill("91000000000000000000")
        await page.get_by_test_id("charge").dblclick()
        await expect(page.get_by_test_id("voice")).to_have_text("付款码无效")
        await expect(page.get_by_role("alert")).to_have_count(0)
        await expect(page.get_by_label("付款码")).to_have_value("91000000000000000000")
    assert gateway.posted == []


async def test_an_order_is_paid_and_its_notification_lost_on_purpose(address: str, world: World) -> None:
    async with opened(address) as page:
        await page.get_by_label("支付通知").select_option(label="丢失")
        world.trades.prepay(
            out_trade_no="RCH00000001",
            openid="o" + "7" * 27,
            description="校园卡充值",
            total_fen=5000,
            notify_url="http://127.0.0.1:9/nobody",
            expires="",
        )
        world.inbox.put("2002001", "充值到账 50.00 元")
        world.announce()

        await page.get_by_role("button", name="付款", exact=True).click()
        await expect(page.get_by_text("已丢失")).to_be_visible()
        await expect(page.get_by_text("充值到账 50.00 元")).to_be_visible()
        await expect(page.get_by_role("button", name="再次通知")).to_be_visible()
        await page.get_by_role("button", name="全部恢复正常").click()
        await expect(page.get_by_label("支付通知")).to_have_value("send")


async def test_everyone_can_use_it_and_nothing_is_cut_off(address: str, gateway: Any, world: World) -> None:
    world.trades.prepay(
        out_trade_no="RCH00000001",
        openid="o" + "7" * 27,
        description="校园卡充值",
        total_fen=5000,
        notify_url="http://127.0.0.1:9/nobody",
        expires="",
    )
    world.inbox.put("2002001", "充值到账 50.00 元")
    async with opened(address) as page:
        await type_amount(page, "8")
        await page.get_by_label("付款码").fill(CODE)
        await page.get_by_test_id("charge").click()
        await expect(page.get_by_test_id("voice")).to_have_text("支付成功")
        await page.get_by_text("0210 付款应答").click()
        await page.get_by_role("button", name="扫码").click()
        await page.get_by_text("更多故障").click()
        for width, scheme in (
            (1440, "light"),
            (1440, "dark"),
            (1280, "light"),
            (1024, "light"),
            (390, "light"),
            (390, "dark"),
        ):
            await page.set_viewport_size({"width": width, "height": 900})
            # Without motion, so that no colour is halfway.
            await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            assert await axe(page) == [], (width, scheme)
            assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, width


async def test_it_speaks_english_too_and_remembers(address: str) -> None:
    async with opened(address) as page:
        await page.get_by_role("button", name="English").click()
        await expect(page.get_by_role("button", name="Charge")).to_be_visible()
        await page.reload()
        await expect(page.get_by_role("heading", name="POS terminal")).to_be_visible()
        assert await axe(page) == []


async def axe(page: Page) -> list[str]:
    """Violations as `rule: where`; frames of others are not ours to judge."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate((WEBAPP / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8"))
    result = await page.evaluate("axe.run(document, {iframes: false})")
    assert len(result["passes"]) > 15, "axe looked at nothing"
    found = result["violations"]
    return [
        f"{violation['id']}: {json.dumps(violation['nodes'][0]['target'])} {violation['nodes'][0]['html'][:120]}"
        for violation in found
    ]
