"""The utility office's desk: meters switched once and with a reason, money moved by two persons."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from web.pretend_api import PretendApi, Variables
from web.pretend_desk import desk_answers
from web.pretend_desk_power import desk_power_answers

pytestmark = pytest.mark.browser
Visit = Callable[[str], None]


@pytest.fixture(autouse=True)
def _wide(page: Page, api: PretendApi) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    api.answers |= desk_answers() | desk_power_answers()


def asked(api: PretendApi, document: str) -> list[Variables]:
    return [variables for name, variables in api.asked if name == document]


@pytest.mark.parametrize(
    ("roles", "names"),
    [
        ("UTILITY_STAFF", "电表 缴费处理 用电安全"),
        ("DEPARTMENT_OFFICE", "用电安全"),
        ("OPERATOR", "查人 待处理 POS机"),
        ("FINANCE", "查人 待处理 电表 缴费处理 用电安全"),
        ("OPERATOR UTILITY_STAFF", "查人 待处理 POS机 电表 缴费处理 用电安全"),
    ],
)
def test_each_office_is_shown_its_own_places(
    page: Page, api: PretendApi, visit: Visit, roles: str, names: str
) -> None:
    api.answers |= desk_power_answers(tuple(roles.split()))
    visit("/desk#/people")
    links = page.get_by_role("navigation", name="工作台").get_by_role("link")
    expect(links).to_have_text([f"{name} Alt {at + 1}" for at, name in enumerate(names.split())])
    first = {"UTILITY_STAFF": "meters", "DEPARTMENT_OFFICE": "safety"}.get(roles, "people")
    page.wait_for_url(f"**/desk#/{first}")


def test_a_room_is_switched_with_a_reason_and_under_one_id(page: Page, api: PretendApi, visit: Visit) -> None:
    api.cut("DeskMeterCommand", 3)
    visit("/desk#/meters")
    expect(page.get_by_role("row")).to_have_count(31)
    page.get_by_role("button", name="断电 南苑 3 栋 101").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("马上断电")
    confirm = dialog.get_by_role("button", name="确认断电")
    expect(confirm).to_be_disabled()
    dialog.get_by_label("原因").fill("线路检修")
    confirm.click()
    expect(dialog.get_by_role("alert")).to_contain_text("不会做两遍")
    confirm.click()
    expect(page.get_by_role("status")).to_contain_text("“断电”已下发")
    inputs = [variables["input"] for variables in asked(api, "DeskMeterCommand")]
    assert len({one["id"] for one in inputs}) == 1
    assert inputs[-1] | {"id": ""} == {
        "id": "",
        "meter": "met_0",
        "operation": "RELAY_OPEN",
        "reason": "线路检修",
    }


def test_the_silent_ones_of_a_building(page: Page, api: PretendApi, visit: Visit) -> None:
    visit("/desk#/meters")
    page.get_by_label("楼栋").select_option(label="北苑 1 栋")
    page.get_by_label("只看失联的").check()
    page.wait_for_url("**/desk#/meters?building=bld_2&silent=1")
    expect(page.get_by_text("2 小时前失联")).to_have_count(3)
    assert asked(api, "DeskMeters")[-1] == {"building": "bld_2", "silent": True, "first": 100, "after": None}


def test_finance_sees_the_meters_and_does_not_switch(page: Page, api: PretendApi, visit: Visit) -> None:
    api.answers |= desk_power_answers(("FINANCE",))
    visit("/desk#/meters")
    expect(page.get_by_role("row")).to_have_count(31)
    expect(page.get_by_role("button", name="断电")).to_have_count(0)


def test_energy_goes_to_another_room_when_two_persons_say_so(
    page: Page, api: PretendApi, visit: Visit
) -> None:
    visit("/desk#/electricity")
    page.get_by_label("缴错了宿舍").fill("20261126 ０００００８")
    page.get_by_role("button", name="查找").click()
    page.get_by_role("button", name="转移电量").click()
    dialog = page.get_by_role("dialog")
    propose = dialog.get_by_role("button", name="提出")
    expect(propose).to_be_disabled()
    dialog.get_by_label("到哪栋楼").select_option(label="北苑 1 栋")
    dialog.get_by_label("哪间宿舍").select_option(label="北苑 1 栋 102")
    expect(dialog.get_by_label("转多少度")).to_have_value("53.734")
    dialog.get_by_label("转多少度").fill("20")
    dialog.get_by_label("原因").fill("缴到隔壁了")
    propose.click()
    expect(page.get_by_text("已提出，等另一位同事决定。")).to_be_visible()
    (variables,) = asked(api, "DeskPropose")
    assert variables["input"] | {"id": ""} == {
        "id": "",
        "order": "ele_8",
        "kind": "MOVE",
        "toRoom": "rom_2",
        "energy": "20",
        "reason": "缴到隔壁了",
    }


def test_nobody_decides_what_they_proposed(page: Page, api: PretendApi, visit: Visit) -> None:
    visit("/desk#/electricity")
    expect(page.get_by_role("region", name="两人处理").get_by_role("button", name="同意")).to_have_count(1)
    page.get_by_role("button", name="同意 南苑 3 栋 105").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("赵平：电表坏了，读不回来")
    dialog.get_by_label("说明").fill("去看过了")
    dialog.get_by_role("button", name="同意并执行").click()
    expect(page.get_by_text("已决定。")).to_be_visible()
    (variables,) = asked(api, "DeskDecide")
    assert variables["input"] == {"proposal": "pro_5", "approve": True, "reason": "去看过了"}


def test_what_somebody_waits_for_is_not_proposed_again(page: Page, api: PretendApi, visit: Visit) -> None:
    visit("/desk#/electricity")
    waiting = page.get_by_role("row", name="南苑 3 栋 105").first
    expect(waiting).to_contain_text("等另一位决定")
    expect(page.get_by_role("button", name="改派宿舍 南苑 3 栋 102")).to_have_count(1)


def test_the_department_decides_on_an_application(page: Page, api: PretendApi, visit: Visit) -> None:
    api.answers |= desk_power_answers(("DEPARTMENT_OFFICE",))
    visit("/desk#/safety")
    expect(page.get_by_role("button", name="恢复供电")).to_have_count(0)
    expect(page.get_by_role("button", name="不同意")).to_have_count(1)
    page.get_by_role("button", name="同意 南苑 3 栋 102", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("张晓雨：是热得快，已经带回家。")
    act = dialog.get_by_role("button", name="同意", exact=True)
    expect(act).to_be_disabled()
    dialog.get_by_label("原因").fill("已当面核实")
    act.click()
    expect(page.get_by_text("已同意，等水电中心恢复供电。")).to_be_visible()
    (variables,) = asked(api, "DeskPowerRestoreDecide")
    assert variables["input"] | {"id": ""} == {
        "id": "",
        "incident": "inc_2",
        "approve": True,
        "reason": "已当面核实",
    }


def test_the_utility_office_lights_what_was_approved(page: Page, api: PretendApi, visit: Visit) -> None:
    visit("/desk#/safety")
    expect(page.get_by_role("button", name="同意")).to_have_count(0)
    expect(page.get_by_text("已超时")).to_be_visible()
    page.get_by_text("3 步").click()
    expect(page.get_by_text("院部同意 赵平：已当面核实")).to_be_visible()
    page.get_by_role("button", name="恢复供电 南苑 3 栋 103").click()
    page.get_by_role("dialog").get_by_role("button", name="恢复供电").click()
    expect(page.get_by_text("命令已下发，等电表应答。")).to_be_visible()
    (variables,) = asked(api, "DeskPowerRestore")
    assert variables["input"]["incident"] == "inc_3"
    page.get_by_label("看已恢复的").check()
    expect(page.get_by_text("还没有。")).to_be_visible()
