"""缴电费: any room, paid any way; one wish is one order, and the screen believes only the server."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from web.pretend_api import ME, Fail, PretendApi, Variables, at
from web.pretend_power import FRIENDS, OWN, cut, locked, order, power_answers, quote, room, whole_room
from web.test_recharge import in_wechat

pytestmark = pytest.mark.browser
Visit = Callable[[str], None]


@pytest.fixture(autouse=True)
def powered(api: PretendApi) -> None:
    api.answers |= power_answers()


def confirmed(*states: str) -> Callable[[Variables], object]:
    left = list(states)

    def answer(_: Variables) -> object:
        state = left.pop(0) if len(left) > 1 else left[0]
        return {"electricityConfirm": {"__typename": "ElectricityConfirmed", "order": order(state)}}

    return answer


def pay_30(page: Page, method: str = "微信") -> None:
    page.get_by_role("button", name="30 元", exact=True).click()
    page.locator("label", has_text=method).click()
    page.get_by_role("button", name="确认缴费 30.00 元").click()


def bought(api: PretendApi) -> list[Variables]:
    return [variables["input"] for name, variables in api.asked if name == "ElectricityPurchase"]


def test_thirty_yuan_for_a_friends_room(page: Page, api: PretendApi, visit: Visit) -> None:
    in_wechat(page)
    api.answers["ElectricityConfirm"] = confirmed("ORDERED", "PAID", "DELIVERED")
    visit("/electricity")
    expect(page.get_by_role("heading", name=OWN)).to_be_visible()
    page.get_by_role("button", name="换一间").click()
    sheet = page.get_by_role("dialog", name="选择宿舍")
    sheet.get_by_label("楼栋").select_option("北苑 1 栋")
    sheet.get_by_label("楼层").select_option("1 层")
    sheet.get_by_role("button", name="101", exact=True).click()
    expect(sheet).to_have_count(0)
    expect(page.get_by_role("heading", name=FRIENDS)).to_be_visible()
    expect(page.get_by_text("2,476.87")).to_be_visible()
    page.get_by_role("button", name="30 元", exact=True).click()
    expect(page.get_by_text("约 53.73 度")).to_be_visible()
    pay_30(page)
    expect(page.get_by_role("heading", name="缴费成功")).to_be_visible()
    expect(page.get_by_text("买了 53.73 度")).to_be_visible()
    expect(page.locator(".steps .reached")).to_have_count(3)
    (asked,) = bought(api)
    assert {name: asked[name] for name in ("room", "amount", "method")} == {
        "room": "rom_101",
        "amount": "30.00",
        "method": "WECHAT",
    }
    assert page.evaluate("sessionStorage.getItem('onecard.wish.electricity')") is None


def test_the_last_room_is_remembered(page: Page, api: PretendApi, visit: Visit) -> None:
    page.context.add_cookies([{"name": "onecard_who", "value": api.login, "url": "http://127.0.0.1"}])
    visit("/electricity")
    page.get_by_role("button", name="换一间").click()
    page.get_by_role("button", name=re.compile(FRIENDS)).click()
    expect(page.get_by_role("heading", name=FRIENDS)).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name=FRIENDS)).to_be_visible()


def test_the_payment_platform_is_gone_to_and_come_back_from(
    page: Page, api: PretendApi, visit: Visit
) -> None:
    there = "https://pay.example/cashier/1"
    page.route(
        "https://pay.example/**", lambda route: route.fulfill(body="cashier", content_type="text/html")
    )
    waiting = order("ORDERED", method="ONLINE_PAYMENT", payment=None, payUrl=there)
    api.answers["ElectricityQuote"] = lambda asked: {
        "electricityQuote": quote(asked)["electricityQuote"] | {"methods": ["CARD_ACCOUNT", "ONLINE_PAYMENT"]}
    }
    api.answers["ElectricityPurchase"] = lambda _: {
        "electricityPurchase": {"__typename": "ElectricityPurchased", "replayed": False, "order": waiting}
    }
    api.answers["ElectricityFollow"] = lambda _: {
        "school": {"wechatBridgeUrl": "/bridge.js"},
        "electricityOrder": waiting,
    }
    visit("/electricity")
    pay_30(page, "统一支付平台")
    page.wait_for_url(there)
    api.answers["ElectricityConfirm"] = lambda _: {
        "electricityConfirm": {"__typename": "ElectricityConfirmed", "order": waiting}
    }
    page.go_back()
    expect(page.get_by_role("heading", name="等待付款")).to_be_visible()
    page.get_by_role("button", name="继续支付").click()
    page.wait_for_url(there)
    api.answers["ElectricityConfirm"] = confirmed("DELIVERED")
    page.go_back()
    expect(page.get_by_role("heading", name="缴费成功")).to_be_visible()
    (asked,) = bought(api)
    assert asked["method"] == "ONLINE_PAYMENT"


def test_a_double_click_is_one_order(page: Page, api: PretendApi, visit: Visit) -> None:
    in_wechat(page, "cancel")
    visit("/electricity")
    page.get_by_role("button", name="30 元", exact=True).click()
    page.get_by_role("button", name="确认缴费 30.00 元").dblclick()
    expect(page.get_by_role("heading", name="等待付款")).to_be_visible()
    assert len(bought(api)) == 1


def test_a_lost_answer_is_asked_again_under_the_same_id(page: Page, api: PretendApi, visit: Visit) -> None:
    api.cut("ElectricityPurchase", 3)
    visit("/electricity")
    pay_30(page, "卡账户")
    expect(page.get_by_role("alert")).to_contain_text("点“再试一次”，不会多扣")
    page.get_by_role("button", name="再试一次").click()
    expect(page.get_by_role("heading", name="缴费进度")).to_be_visible()
    assert len(bought(api)) == 4
    assert len({asked["id"] for asked in bought(api)}) == 1


def test_a_room_without_a_meter_says_so_before_any_money(page: Page, api: PretendApi, visit: Visit) -> None:
    api.answers["ElectricityRoom"] = lambda _: {"room": room(meter=None, energy=None)}
    visit("/electricity")
    expect(page.get_by_text("这间宿舍还没有登记电表")).to_be_visible()
    page.get_by_role("button", name="30 元", exact=True).click()
    button = page.get_by_role("button", name="确认缴费 30.00 元")
    expect(button).to_have_attribute("aria-disabled", "true")
    button.dispatch_event("click")
    assert bought(api) == []


def test_more_than_the_account_has_is_said_before_ordering(page: Page, api: PretendApi, visit: Visit) -> None:
    visit("/electricity")
    page.get_by_role("button", name="200 元", exact=True).click()
    expect(page.get_by_text("余额不够")).to_be_visible()
    expect(page.get_by_role("button", name="确认缴费 200.00 元")).to_have_attribute("aria-disabled", "true")
    page.locator("label", has_text="微信").click()
    expect(page.get_by_role("button", name="确认缴费 200.00 元")).to_have_attribute("aria-disabled", "false")


def test_a_refused_purchase_says_why_and_what_to_do(page: Page, api: PretendApi, visit: Visit) -> None:
    refusal = {
        "__typename": "NotAllowed",
        "code": "NOT_ALLOWED",
        "message": "不能这样缴。没有扣款。",
        "remedy": "问水电中心。",
    }
    api.answers["ElectricityPurchase"] = lambda _: {"electricityPurchase": refusal}
    visit("/electricity")
    pay_30(page, "卡账户")
    expect(page.get_by_role("alert")).to_contain_text("不能这样缴。没有扣款。")
    expect(page.get_by_role("alert")).to_contain_text("问水电中心。")


@pytest.mark.parametrize(
    ("state", "head"),
    [
        ("PAID", "已付款，正在送电"),
        ("DELIVERING", "正在写入电表"),
        ("UNKNOWN", "正在和电表核对"),
        ("REFUNDED", "已退款"),
        ("DISPUTED", "水电中心正在核对"),
        ("UNMAPPED", "等水电中心处理"),
        ("CLOSED", "订单已关闭"),
    ],
)
def test_every_state_is_one_a_person_can_read(
    page: Page, api: PretendApi, visit: Visit, state: str, head: str
) -> None:
    api.answers["ElectricityFollow"] = lambda _: {
        "school": {"wechatBridgeUrl": "/bridge.js"},
        "electricityOrder": order(state),
    }
    api.answers["ElectricityConfirm"] = confirmed(state)
    visit("/electricity/order/ele_1")
    expect(page.get_by_role("heading", name=re.compile(head))).to_be_visible()
    expect(page.locator("body")).to_contain_text(order(state)["explanation"])


def test_a_room_shows_its_usage(page: Page, api: PretendApi, visit: Visit) -> None:
    visit("/room/rom_305")
    expect(page.get_by_text("大约还能用 41 天")).to_be_visible()
    expect(page.get_by_text(re.compile("按作息 .+ 断电，.+ 来电"))).to_be_visible()
    expect(page.locator(".usage rect")).to_have_count(30)
    page.get_by_role("button", name="今天").click()
    expect(page.locator(".usage rect")).to_have_count(24)
    page.locator(".usage svg").hover()
    expect(page.locator(".usage p").first).to_contain_text("度")
    page.get_by_role("button", name="近一年").click()
    expect(page.locator(".usage rect")).to_have_count(12)
    asked = [variables["interval"] for name, variables in api.asked if name == "RoomUsage"]
    assert asked == ["DAY", "HOUR", "MONTH"]


def test_who_has_moved_sees_their_own_through_all_rooms(page: Page, api: PretendApi, visit: Visit) -> None:
    day = {"energy": "1.500", "complete": True, "from": at(days=2)}
    api.answers["OwnUsage"] = lambda _: {
        "me": {
            "id": "per_1",
            "usage": [day | {"room": {"id": f"rom_{name}", "name": name}} for name in ("1 栋 101", OWN)],
        }
    }
    visit("/room/rom_305")
    expect(page.locator(".usage rect")).to_have_count(30)
    expect(page.get_by_role("button", name="跟着我")).to_have_count(0)  # never moved
    stays = [{"since": at(days=2)}, {"since": at(days=80)}]
    me = {"id": "per_1", "room": {"id": "rom_305"}, "stays": stays}
    api.answers["RoomPage"] = lambda _: {"me": me, "room": whole_room()}
    page.reload()
    page.get_by_role("button", name="今天").click()
    page.get_by_role("button", name="跟着我").click()
    expect(page.get_by_role("button", name="今天")).to_have_count(0)
    expect(page.locator(".usage rect")).to_have_count(1)
    expect(page.get_by_text("共 3.00 度")).to_be_visible()
    page.locator(".usage svg").hover()
    expect(page.locator(".usage p").first).to_contain_text(f"1 栋 101、{OWN}：3.00 度")


@pytest.mark.parametrize(
    ("relay", "remaining", "said"),
    [("OPEN", "-0.004", 1), ("OPEN", "0.000", 1), ("OPEN", "0.500", 0), ("CLOSED", "0.000", 0)],
)
def test_a_strangers_dark_room_says_that_it_is_out(
    page: Page, api: PretendApi, visit: Visit, relay: str, remaining: str, said: int
) -> None:
    dark = whole_room(power=None)  # to a stranger
    dark["meter"]["state"]["relay"] = relay
    dark["energy"]["remaining"] = remaining
    api.answers["RoomPage"] = lambda _: {"room": dark}
    visit("/room/rom_305")
    expect(page.get_by_text("缴费记录")).to_be_visible()
    expect(page.get_by_text("电量用完了，所以断电")).to_have_count(said)
    expect(page.get_by_text("大约还能用")).to_have_count(1 - said)


def test_a_cut_room_counts_down_and_looks_until_it_is_back(page: Page, api: PretendApi, visit: Visit) -> None:
    answers = [cut(seconds=2), whole_room()["power"]]
    api.answers["RoomPage"] = lambda _: {
        "room": whole_room(power=answers.pop(0) if len(answers) > 1 else answers[0])
    }
    visit("/room/rom_305")
    expect(page.get_by_role("timer")).to_contain_text("自动恢复供电")
    expect(page.get_by_text("断电前测到 1850 瓦")).to_be_visible()
    expect(page.get_by_role("timer")).to_have_count(0, timeout=20_000)
    expect(page.get_by_text("自动断电。")).to_have_count(0)


def test_a_locked_room_takes_an_application(page: Page, api: PretendApi, visit: Visit) -> None:
    applied = {"kind": "APPLIED", "at": at(seconds=1), "note": "是热得快，已经带回家，以后不再使用。"}
    answers = [locked(), locked(applied)]
    api.answers["RoomPage"] = lambda _: {"room": whole_room(power=answers[0])}

    def apply(_: Variables) -> object:
        answers.pop(0)
        return {"powerRestoreApply": {"__typename": "PowerRestoreApplied"}}

    api.answers["PowerRestoreApply"] = apply
    visit("/room/rom_305")
    send = page.get_by_role("button", name="提交给院部")
    page.get_by_label("申请恢复供电").fill("热得快")
    send.click()
    expect(page.get_by_role("alert")).to_contain_text("至少 10 个字")
    assert api.times("PowerRestoreApply") == 0
    page.get_by_label("申请恢复供电").fill("是热得快，已经带回家，以后不再使用。")
    send.click()
    # The step, and not the remedy that asks for it.
    expect(page.get_by_text("提交申请是热得快")).to_be_visible()
    expect(page.get_by_text("以后不再使用。")).to_be_visible()
    expect(send).to_have_count(0)
    (asked,) = [variables["input"] for name, variables in api.asked if name == "PowerRestoreApply"]
    assert asked["incident"] == "inc_1"


def test_a_counselor_pays_for_several_rooms_at_once(page: Page, api: PretendApi, visit: Visit) -> None:
    desk = api.answers["ElectricityDesk"]

    def counselors(variables: Variables) -> object:
        found = desk(variables)
        return found | {"me": found["me"] | {"roles": ["COUNSELOR"]}}

    api.answers["ElectricityDesk"] = counselors
    refused = {"message": "余额不足。", "remedy": "先充值。"}
    done = [
        {"room": {"id": "rom_101", "name": FRIENDS}, "order": {"id": "ele_1", "state": "DELIVERED"}},
        {"room": {"id": "rom_305", "name": OWN}, "order": None, "refusal": refused},
    ]
    tries = iter([Fail(0), Fail(0), Fail(0)])

    def buy(_: Variables) -> object:
        for fault in tries:
            raise fault
        return {"electricityPurchaseMany": {"__typename": "ElectricityPurchasedMany", "rooms": done}}

    api.answers["ElectricityPurchaseMany"] = buy
    visit("/electricity")
    page.get_by_role("link", name="班级宿舍").click()
    expect(page.get_by_text("−0.40 度")).to_be_visible()
    page.get_by_text(FRIENDS).click()
    page.get_by_text(OWN).click()
    page.get_by_role("button", name="100 元").click()
    expect(page.get_by_text("2 间，共 200.00 元")).to_be_visible()
    confirm = page.get_by_role("button", name="确认缴费 200.00 元")
    expect(confirm).to_have_attribute("aria-disabled", "true")  # 128.46 are there
    page.get_by_role("button", name="50 元", exact=True).click()
    page.get_by_role("button", name="确认缴费 100.00 元").click()
    page.get_by_role("button", name="再试一次").click()
    expect(page.get_by_text("2 间里缴成了 1 间")).to_be_visible()
    expect(page.get_by_text("余额不足。")).to_be_visible()
    expect(page.get_by_role("link", name="看进度")).to_have_attribute("href", "#/electricity/order/ele_1")
    inputs = [variables["input"] for name, variables in api.asked if name == "ElectricityPurchaseMany"]
    assert len({one["id"] for one in inputs}) == 1
    assert inputs[-1] | {"id": ""} == {"id": "", "rooms": ["rom_101", "rom_305"], "amount": "50.00"}


def test_an_alert_is_turned_on_and_its_threshold_set(page: Page, api: PretendApi, visit: Visit) -> None:
    visit("/room/rom_305")
    threshold = page.get_by_label("低于多少度")
    expect(threshold).to_have_value("10")
    threshold.fill("５０００００")
    threshold.blur()
    expect(threshold).to_have_value("10")
    threshold.fill("２０")
    threshold.blur()
    expect(page.get_by_role("switch", name="今晚可能用完")).not_to_be_checked()
    with page.expect_response("**/graphql"):
        page.get_by_role("switch", name="今晚可能用完").click()
    asked = [variables["input"] for name, variables in api.asked if name == "AlertSet"]
    assert asked == [
        {"kind": "LOW_ENERGY", "on": True, "threshold": "20"},
        {"kind": "NIGHT_CUT", "on": True, "threshold": None},
    ]


def test_alerts_are_of_ones_own_room(page: Page, api: PretendApi, visit: Visit) -> None:
    visit("/room/rom_101")
    expect(page.get_by_text("缴费记录")).to_be_visible()
    assert api.times("AlertSettings") == 0


def test_somebody_else_applied_meanwhile(page: Page, api: PretendApi, visit: Visit) -> None:
    api.answers["RoomPage"] = lambda _: {"room": whole_room(power=locked())}
    refusal = {"message": "这次断电已经走到别的步骤了。", "remedy": "请刷新后看它现在到哪一步。"}
    api.answers["PowerRestoreApply"] = lambda _: {
        "powerRestoreApply": {"__typename": "IncidentNotOpen"} | refusal
    }
    visit("/room/rom_305")
    page.get_by_label("申请恢复供电").fill("是热得快，已经带回家，以后不再使用。")
    page.get_by_role("button", name="提交给院部").click()
    expect(page.get_by_role("alert")).to_contain_text("已经走到别的步骤")


def test_a_strangers_room_keeps_its_usage_to_itself(page: Page, api: PretendApi, visit: Visit) -> None:
    api.answers["RoomUsage"] = lambda asked: {"room": {"id": asked["id"], "usage": None}}
    visit("/room/rom_305")
    expect(page.get_by_text("用电记录只给住在这间宿舍的人看。")).to_be_visible()


def test_a_bill_names_the_room_and_who_paid(page: Page, api: PretendApi, visit: Visit) -> None:
    detail = api.answers["BillDetail"]

    def electricity(variables: Variables) -> object:
        found = detail(variables)
        found["node"] |= {
            "kind": "ELECTRICITY",
            "title": "缴电费",
            "merchant": None,
            "terminal": None,
            "electricity": {
                "id": "ele_1",
                "amount": "30.00",
                "energy": "53.734",
                "method": "CARD_ACCOUNT",
                "room": {"id": "rom_101", "name": FRIENDS},
                "payer": {"id": "per_1", "name": "张晓雨"},
            },
        }
        return found

    api.answers["BillDetail"] = electricity
    visit("/bills/bil_9000")
    for words in (FRIENDS, "张晓雨", "卡账户 30.00", "53.73 度"):
        expect(page.locator(".facts")).to_contain_text(words)
    expect(page.get_by_role("link", name="看缴费进度")).to_have_attribute("href", "#/electricity/order/ele_1")


def test_somebody_unbound_is_sent_to_bind(page: Page, api: PretendApi, visit: Visit) -> None:
    api.answers["ElectricityDesk"] = lambda _: {
        "school": {"wechatBridgeUrl": "/bridge.js"},
        "me": ME | {"account": None, "room": None},
        "recentRooms": [],
    }
    visit("/electricity")
    expect(page.get_by_role("button", name="绑定")).to_be_visible()
