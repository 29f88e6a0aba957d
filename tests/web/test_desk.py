"""The desk: found by keyboard, refunds once, closed to students."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect
from web.pretend_api import Fail, PretendApi, Variables
from web.pretend_desk import desk_answers

pytestmark = pytest.mark.browser
Visit = Callable[[str], None]


@pytest.fixture(autouse=True)
def _wide(page: Page, api: PretendApi) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    api.answers |= desk_answers()


def test_a_student_is_told_that_this_is_not_theirs(page: Page, api: PretendApi, visit: Visit) -> None:
    api.answers |= desk_answers(("STUDENT",))
    visit("/desk")
    expect(page.get_by_role("heading", name="这里没有你的权限")).to_be_visible()
    assert [name for name, _ in api.asked] == ["DeskMe"]


def test_a_person_by_keyboard_alone(page: Page, api: PretendApi, visit: Visit) -> None:
    visit("/desk")
    expect(page.get_by_label("学工号")).to_be_focused()
    page.keyboard.type("2002001")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk#/people?number=2002001")
    expect(page.get_by_role("heading", name="张晓雨")).to_be_visible()
    expect(page.get_by_role("region", name="账单").get_by_role("row")).to_have_count(31)
    amount = page.get_by_role("cell", name="−12.50").first
    assert amount.evaluate("(one) => getComputedStyle(one).textAlign") == "right"
    page.keyboard.press("Alt+2")
    expect(page.get_by_text("找不到对应的充值订单")).to_be_visible()


def test_nobody_by_that_number(page: Page, api: PretendApi, visit: Visit) -> None:
    visit("/desk#/people?number=1")
    expect(page.get_by_text("没有学工号是 1 的人。")).to_be_visible()


def test_a_refund_says_what_will_happen_and_is_asked_under_one_id(
    page: Page, api: PretendApi, visit: Visit
) -> None:
    api.cut("RechargeRefund", 3)
    visit("/desk#/people?number=2002001")
    page.get_by_role("button", name="退款").nth(1).click()
    dialog = page.get_by_role("dialog", name="退款")
    expect(dialog).to_contain_text("按原路退回，怎么付的退到哪里")
    expect(dialog.get_by_label("退款金额")).to_have_value("30.00")
    confirm = dialog.get_by_role("button", name="确认退款")
    expect(confirm).to_be_disabled()
    dialog.get_by_label("原因").fill("学生充错了")
    dialog.get_by_label("退款金额").fill("30.01")
    expect(confirm).to_be_disabled()
    dialog.get_by_label("退款金额").fill("10")
    confirm.click()
    expect(dialog.get_by_role("alert")).to_contain_text("同一次申请不会退两次")
    confirm.click()
    expect(page.get_by_role("status")).to_contain_text("已申请退款 10.00 元")
    asked = [variables["input"] for name, variables in api.asked if name == "RechargeRefund"]
    assert len(asked) == 4
    assert len({one["id"] for one in asked}) == 1
    assert asked[0] | {"id": ""} == {
        "id": "",
        "recharge": "rch_2",
        "amount": "10.00",
        "reason": "学生充错了",
    }


def test_finance_looks_and_does_not_touch(page: Page, api: PretendApi, visit: Visit) -> None:
    api.answers |= desk_answers(("FINANCE",))
    visit("/desk#/people?number=2002001")
    expect(page.get_by_role("heading", name="张晓雨")).to_be_visible()
    expect(page.get_by_role("button", name="退款")).to_have_count(0)
    expect(page.get_by_role("link", name="POS机")).to_have_count(0)


def test_a_till_is_stopped_with_a_reason(page: Page, api: PretendApi, visit: Visit) -> None:
    visit("/desk#/terminals")
    page.get_by_label("状态").select_option("STOPPED")
    page.wait_for_url("**/desk#/terminals?state=STOPPED")
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_label("状态").select_option("")
    page.get_by_label("查找").fill("10000002")
    page.get_by_role("button", name="停用 10000002").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("马上停止收款")
    expect(dialog.get_by_role("button", name="确认停用")).to_be_disabled()
    dialog.get_by_label("原因").fill("键盘坏了")
    dialog.get_by_role("button", name="确认停用").click()
    expect(page.get_by_role("status")).to_contain_text("10000002 已停用")
    ((_, variables),) = [one for one in api.asked if one[0] == "TerminalSetState"]
    assert variables["input"]["state"] == "STOPPED"
    assert variables["input"]["reason"] == "键盘坏了"


def test_a_refund_without_an_answer_keeps_its_id_when_the_dialog_is_opened_again(
    page: Page, api: PretendApi, visit: Visit
) -> None:
    answer = api.answers["RechargeRefund"]

    def away(_: Variables) -> object:
        raise Fail(0)

    def ask() -> None:
        page.get_by_role("button", name="退款").nth(1).click()
        page.get_by_role("dialog").get_by_label("退款金额").fill("１０")
        page.get_by_role("dialog").get_by_label("原因").fill("学生充错了")
        page.get_by_role("button", name="确认退款").click()

    api.answers["RechargeRefund"] = away
    visit("/desk#/people?number=2002001")
    ask()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_be_visible()
    page.get_by_role("button", name="取消").click()
    api.answers["RechargeRefund"] = answer
    for _ in range(2):
        ask()
        expect(page.get_by_role("status")).to_contain_text("已申请退款 10.00 元")
        expect(page.get_by_label("学工号")).to_be_focused()
    ids = [variables["input"]["id"] for name, variables in api.asked if name == "RechargeRefund"]
    assert len(set(ids[:-1])) == 1
    assert ids[-1] not in ids[:-1]  # after an answer the same again is another refund


def test_no_dialog_closes_while_its_answer_is_awaited(page: Page, api: PretendApi, visit: Visit) -> None:
    held: list[Route] = []
    visit("/desk#/people?number=2002001")
    page.get_by_role("button", name="退款").nth(1).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("原因").fill("学生充错了")
    page.route("**/graphql", lambda route: held.append(route))
    page.get_by_role("button", name="确认退款").click()
    expect(page.get_by_role("button", name="请稍等…")).to_be_disabled()
    for _ in range(3):
        page.keyboard.press("Escape")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("button", name="取消")).to_be_disabled()
    page.unroute("**/graphql")
    page.route("**/graphql", api.answer)
    api.answer(held[0])
    expect(page.get_by_role("status")).to_contain_text("已申请退款 30.00 元")


@pytest.mark.parametrize("width", [1280, 1440])
def test_no_button_of_the_desk_is_cut_off(page: Page, api: PretendApi, visit: Visit, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for place in ("/desk#/people?number=2002001", "/desk#/cases", "/desk#/terminals"):
        visit(place)
        expect(page.get_by_role("row").nth(2)).to_be_visible()
        cut = page.evaluate(
            "() => [...document.querySelectorAll('.table')].map((one) => one.scrollWidth - one.clientWidth)"
        )
        assert max(cut) <= 0, place


def test_a_second_press_brings_no_case_twice(page: Page, api: PretendApi, visit: Visit) -> None:
    first = api.answers["DeskCases"]({})["cases"]["edges"]
    more = [{"node": edge["node"] | {"id": f"{edge['node']['id']}b"}} for edge in first]

    def paged(variables: Variables) -> object:
        info = {"hasNextPage": not variables["after"], "endCursor": "50"}
        return {"cases": {"edges": more if variables["after"] else first, "pageInfo": info}}

    api.answers["DeskCases"] = paged
    visit("/desk#/cases")
    page.get_by_role("button", name="再看 50 条").dblclick()
    expect(page.get_by_role("button", name="再看 50 条")).to_have_count(0)
    expect(page.get_by_role("row")).to_have_count(1 + len(first) + len(more))


def test_a_number_typed_full_width_is_found(page: Page, api: PretendApi, visit: Visit) -> None:
    visit("/desk")
    page.get_by_label("学工号").fill("２００２ ００１")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="张晓雨")).to_be_visible()
