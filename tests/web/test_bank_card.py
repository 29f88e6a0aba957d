"""绑定银行卡: signed at the bank and asked there, then it pays at once, and says so honestly when it did not."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from web.pretend_api import Fail, PretendApi, Variables, bank_card, recharge
from web.pretend_power import OWN, order, power_answers
from web.test_recharge import answer_with, order_50

pytestmark = pytest.mark.browser
Visit = Callable[[str], None]
SIGN_URL = "https://bank.example/sign/bcd_1"
AWAY = re.compile(re.escape(SIGN_URL))


class Banks:
    """What the bank knows of the caller's card, behind the API: `card` None where there is none."""

    def __init__(self, api: PretendApi) -> None:
        self.card: dict[str, Any] | None = None
        self.signed = False
        desk = api.answers["RechargeDesk"]({})
        api.answers |= {
            "RechargeDesk": lambda _: desk | {"bankCard": self.card},
            "BankCardPage": lambda _: {"account": {"id": "acc_1"}, "bankCard": self.card},
            "BankCardBind": self.bind,
            "BankCardConfirm": self.confirm,
            "BankCardUnbind": self.unbind,
        }
        api.page.route(
            "https://bank.example/**", lambda route: route.fulfill(body="bank", content_type="text/html")
        )

    def bind(self, _: Variables) -> object:
        self.card = bank_card("SIGNING")
        return {"bankCardBind": {"__typename": "BankCardBindBegun", "signUrl": SIGN_URL}}

    def confirm(self, _: Variables) -> object:
        if self.signed:
            self.card = bank_card()
        return {"bankCardConfirm": {"__typename": "BankCardConfirmed", "card": self.card}}

    def unbind(self, asked: Variables) -> object:
        assert asked["input"] == {"card": "bcd_1"}
        self.card = None
        return {"bankCardUnbind": {"__typename": "BankCardUnbound"}}


@pytest.fixture
def bank(api: PretendApi) -> Banks:
    return Banks(api)


def by_card(state: str = "CREDITED", **changes: Any) -> dict[str, Any]:
    return recharge(state, method="BANK_CARD", payment=None, **changes)


def test_bound_on_the_way_to_a_payment_and_back_to_it(
    page: Page, api: PretendApi, visit: Visit, bank: Banks
) -> None:
    visit("/recharge")
    page.get_by_role("button", name="100 元").click()
    page.locator("label", has_text="电子账户").click()
    expect(page.locator("label", has_text="微信").get_by_role("radio")).to_be_checked()
    page.get_by_role("link", name="银行卡 未绑定 · 去绑定").click()
    expect(page.get_by_text("学校看不到，只知道后四位")).to_be_visible()
    page.get_by_role("button", name="去银行签约").click()
    page.wait_for_url(SIGN_URL)
    bank.signed = True
    visit("/bank")
    expect(page.get_by_text("绑定成功")).to_be_visible()
    expect(page.get_by_role("heading", name="工商银行")).to_be_visible()
    page.get_by_role("link", name="回去充值").click()
    expect(page.get_by_label("金额")).to_have_value("100")
    expect(page.get_by_label("电子账户")).to_be_checked()
    expect(page.get_by_label("工商银行 尾号 0001")).to_be_checked()
    expect(page.get_by_text("单笔 1,000 元、每日 5,000 元以内")).to_be_visible()
    expect(page.get_by_text("点确认后，马上从工商银行 尾号 0001 扣款。")).to_be_visible()


def test_back_without_signing_keeps_the_payment_and_the_card_unbound(
    page: Page, api: PretendApi, visit: Visit, bank: Banks
) -> None:
    visit("/recharge")
    page.get_by_role("button", name="100 元").click()
    page.get_by_role("link", name="银行卡").click()
    expect(page.get_by_text("还没有绑定银行卡")).to_be_visible()
    page.get_by_role("button", name="返回").click()
    expect(page.get_by_label("金额")).to_have_value("100")
    expect(page.get_by_label("微信")).to_be_checked()


def test_a_signature_that_was_left_can_be_gone_on_with(
    page: Page, api: PretendApi, visit: Visit, bank: Banks
) -> None:
    bank.card = bank_card("SIGNING")
    visit("/recharge")
    page.get_by_role("link", name="银行卡 签约未完成").click()
    expect(page.get_by_text("还没签完，现在不能用它付款。")).to_be_visible()
    assert api.times("BankCardConfirm") == 1
    page.get_by_role("button", name="继续签约").click()
    page.wait_for_url(SIGN_URL)
    page.go_back()
    expect(page.get_by_text("还没签完")).to_be_visible()
    bank.signed = True
    page.get_by_role("button", name="签好了，再查一次").click()
    expect(page.get_by_text("绑定成功")).to_be_visible()


def test_what_was_not_signed_is_said_to_be_not_bound(
    page: Page, api: PretendApi, visit: Visit, bank: Banks
) -> None:
    visit("/bank")
    page.get_by_role("button", name="去银行签约").click()
    page.wait_for_url(SIGN_URL)
    bank.card = None  # its time is over
    visit("/bank")
    expect(page.get_by_text("银行那边没有签成，没有绑定。")).to_be_visible()
    expect(page.get_by_role("button", name="去银行签约")).to_be_visible()


def test_unbound_at_the_second_tap(page: Page, api: PretendApi, visit: Visit, bank: Banks) -> None:
    bank.card = bank_card()
    visit("/profile")
    page.get_by_role("link", name="银行卡 工商银行 尾号 0001").click()
    expect(page.get_by_text("还是退回这张卡")).to_be_visible()
    page.get_by_role("button", name="解绑").click()
    expect(page.get_by_role("button", name="再点一次解绑")).to_be_visible()
    assert api.times("BankCardUnbind") == 0
    page.get_by_role("button", name="再点一次解绑").click()
    expect(page.get_by_text("已解绑，不再从这张卡扣款。")).to_be_visible()
    expect(page.get_by_text("还没有绑定银行卡")).to_be_visible()


def test_the_entry_is_not_shown_where_no_bank_is_connected(page: Page, api: PretendApi, visit: Visit) -> None:
    profile = api.answers["Profile"]({})
    profile["school"]["policy"]["rechargeMethods"] = ["WECHAT"]
    api.answers["Profile"] = lambda _: profile | {"bankCard": None}
    visit("/profile")
    expect(page.get_by_text("大字模式")).to_be_visible()
    expect(page.get_by_role("link", name="银行卡")).to_have_count(0)


@pytest.mark.parametrize(
    ("kind", "more", "said"),
    [
        ("TooManyAttempts", {"retryAfterSeconds": 300}, "5 分钟 后可以再试。"),
        ("ServiceUnavailable", {}, "银行没有应答。"),
        ("MethodNotOffered", {}, "银行没有应答。"),
    ],
)
def test_a_refused_binding_says_why(
    page: Page, api: PretendApi, visit: Visit, bank: Banks, kind: str, more: dict[str, Any], said: str
) -> None:
    refusal = {"__typename": kind, "message": "银行没有应答。", "remedy": "稍后再试。", **more}
    api.answers["BankCardBind"] = lambda _: {"bankCardBind": refusal}
    visit("/bank")
    page.get_by_role("button", name="去银行签约").click()
    expect(page.get_by_role("alert")).to_contain_text(said)
    expect(page.get_by_role("alert")).to_contain_text("稍后再试。")


def test_a_bank_without_an_answer_is_asked_again_by_hand(
    page: Page, api: PretendApi, visit: Visit, bank: Banks
) -> None:
    bank.card, answer = bank_card("SIGNING"), api.answers["BankCardConfirm"]
    api.answers["BankCardConfirm"] = lambda _: {
        "bankCardConfirm": {
            "__typename": "ServiceUnavailable",
            "message": "银行没有应答。",
            "remedy": "稍后再试。",
        }
    }
    visit("/bank")
    expect(page.get_by_role("alert")).to_contain_text("银行没有应答。")
    api.answers["BankCardConfirm"], bank.signed = answer, True
    page.get_by_role("button", name="签好了，再查一次").click()
    expect(page.get_by_role("heading", name="工商银行")).to_be_visible()


def test_a_lost_answer_moved_no_money_and_is_asked_again(
    page: Page, api: PretendApi, visit: Visit, bank: Banks
) -> None:
    bank.card, answer = bank_card(), api.answers["BankCardUnbind"]

    def away(_: Variables) -> object:
        raise Fail(0)

    api.answers["BankCardUnbind"] = away
    visit("/bank")
    page.get_by_role("button", name="解绑").click()
    page.get_by_role("button", name="再点一次解绑").click()
    expect(page.get_by_role("alert")).to_contain_text("绑定和解绑都不动钱。")
    api.answers["BankCardUnbind"] = answer
    page.get_by_role("button", name="再试一次").click()
    expect(page.get_by_text("已解绑")).to_be_visible()


def pay_by_card(page: Page) -> None:
    page.locator("label", has_text="尾号 0001").click()
    order_50(page)


def test_fifty_by_card_are_credited_at_once(page: Page, api: PretendApi, visit: Visit) -> None:
    answer_with(api, by_card())
    visit("/recharge")
    pay_by_card(page)
    expect(page.get_by_role("heading", name="充值成功")).to_be_visible()
    expect(page.get_by_text("50.00 元已到账，余额 178.46 元。")).to_be_visible()
    assert api.times("RechargeConfirm") == 0
    (asked,) = [variables["input"] for name, variables in api.asked if name == "RechargeCreate"]
    assert asked["method"] == "BANK_CARD"
    assert page.evaluate("sessionStorage.getItem('onecard.wish.recharge')") is None


def test_a_bank_that_takes_its_time_is_asked_until_it_has_answered(
    page: Page, api: PretendApi, visit: Visit
) -> None:
    answer_with(api, by_card("ORDERED"))
    answers = [by_card("ORDERED")] * 3 + [by_card()]
    api.answers["RechargeConfirm"] = lambda _: {
        "rechargeConfirm": {
            "__typename": "RechargeConfirmed",
            "recharge": answers.pop(0) if len(answers) > 1 else answers[0],
        }
    }
    visit("/recharge")
    pay_by_card(page)
    expect(page.get_by_role("heading", name="正在向银行核实…")).to_be_visible()
    expect(page.get_by_role("button", name="继续支付")).to_have_count(0)
    expect(page.get_by_role("button", name="再问一次银行")).to_be_visible()
    expect(page.get_by_role("heading", name="充值成功")).to_be_visible()
    assert api.times("RechargeConfirm") == 4


def test_a_bank_that_says_nothing_for_a_minute(page: Page, api: PretendApi, visit: Visit) -> None:
    page.clock.install()
    answer_with(api, by_card("ORDERED"))
    visit("/recharge/rch_1")
    expect(page.get_by_role("heading", name="充值进度")).to_be_visible()
    for _ in range(13):
        page.clock.run_for(15_000)
        page.wait_for_timeout(30)
    expect(page.get_by_role("heading", name="银行还在处理")).to_be_visible()
    expect(page.get_by_text("扣了的钱不会丢，会自动到账；不要再充一次。")).to_be_visible()


@pytest.mark.parametrize(
    ("reason", "why", "remedy"),
    [
        ("INSUFFICIENT_FUNDS", "银行卡余额不足，没有扣款。", "给银行卡存钱后再充"),
        ("LIMIT_EXCEEDED", "超过了签约时约定的单笔或每日限额，没有扣款。", "减少金额"),
        ("AGREEMENT_ENDED", "这张银行卡的签约已经结束，没有扣款。", "重新绑定银行卡"),
        ("REFUSED", "银行拒绝了，没有扣款。", "向发卡银行询问原因"),
    ],
)
def test_a_declined_debit_says_why_and_that_no_money_moved(
    page: Page, api: PretendApi, visit: Visit, bank: Banks, reason: str, why: str, remedy: str
) -> None:
    bank.card = bank_card()
    answer_with(api, by_card("FAILED", declined=reason))
    visit("/recharge")
    pay_by_card(page)
    expect(page.get_by_role("heading", name="没有付成")).to_be_visible()
    expect(page.get_by_text(why)).to_contain_text(remedy)
    again = page.get_by_role("link", name="重新绑定银行卡")
    expect(again).to_have_count(1 if reason == "AGREEMENT_ENDED" else 0)
    if reason == "AGREEMENT_ENDED":
        bank.card = None
        again.click()
        expect(page.get_by_role("button", name="去银行签约")).to_be_visible()
        bank.card = bank_card()
        page.reload()
        page.get_by_role("link", name="回去充值").click()
    else:
        page.get_by_role("link", name="重新充值").click()
    expect(page.get_by_label("金额")).to_have_value("50.00")


def test_a_debit_without_an_answer_is_told_of_honestly_and_sent_again_under_its_id(
    page: Page, api: PretendApi, visit: Visit
) -> None:
    answer_with(api, by_card())
    api.cut("RechargeCreate", 3)
    visit("/recharge")
    pay_by_card(page)
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("若银行已扣款，会自动到账，不会丢；再点一次不会重复扣。")
    expect(alert).not_to_contain_text("钱没有动")
    page.get_by_role("button", name="再试一次").click()
    expect(page.get_by_role("heading", name="充值成功")).to_be_visible()
    ids = [variables["input"]["id"] for name, variables in api.asked if name == "RechargeCreate"]
    assert (len(ids), len(set(ids))) == (4, 1)


def test_a_card_that_was_unbound_elsewhere_is_bound_again_from_here(
    page: Page, api: PretendApi, visit: Visit, bank: Banks
) -> None:
    bank.card = bank_card()
    api.answers["RechargeCreate"] = lambda _: {
        "rechargeCreate": {
            "__typename": "BankCardNotBound",
            "code": "BANK_CARD_NOT_BOUND",
            "message": "您还没有绑定银行卡。没有下单，也没有扣款。",
            "remedy": "请先绑定银行卡，或换一种支付方式。",
        }
    }
    visit("/recharge")
    pay_by_card(page)
    expect(page.get_by_role("alert")).to_contain_text("没有下单，也没有扣款。")
    bank.card = None
    page.get_by_role("link", name="去绑定").click()
    expect(page.get_by_role("button", name="去银行签约")).to_be_visible()


def pays_for_power(api: PretendApi, made: dict[str, Any]) -> None:
    api.answers |= power_answers()
    api.answers["ElectricityPurchase"] = lambda _: {
        "electricityPurchase": {"__typename": "ElectricityPurchased", "replayed": False, "order": made}
    }
    api.answers["ElectricityFollow"] = lambda _: {
        "school": {"wechatBridgeUrl": "/bridge.js"},
        "electricityOrder": made,
    }
    api.answers["ElectricityConfirm"] = lambda _: {
        "electricityConfirm": {"__typename": "ElectricityConfirmed", "order": made}
    }


def test_power_by_bank_card(page: Page, api: PretendApi, visit: Visit) -> None:
    pays_for_power(api, order("DELIVERED", method="BANK_CARD"))
    visit("/electricity")
    page.get_by_role("button", name="30 元", exact=True).click()
    page.locator("label", has_text="尾号 0001").click()
    expect(page.get_by_text("马上从工商银行 尾号 0001 扣款")).to_be_visible()
    page.get_by_role("button", name="确认缴费 30.00 元").click()
    expect(page.get_by_role("heading", name="缴费成功")).to_be_visible()
    (asked,) = [variables["input"] for name, variables in api.asked if name == "ElectricityPurchase"]
    assert (asked["method"], asked["room"]) == ("BANK_CARD", "rom_305")


def test_power_that_the_bank_is_still_debiting_for(page: Page, api: PretendApi, visit: Visit) -> None:
    pays_for_power(api, order("ORDERED", method="BANK_CARD", payment=None))
    visit("/electricity/order/ele_1")
    expect(page.get_by_role("button", name="再问一次银行")).to_be_visible()
    expect(page.locator("body")).not_to_contain_text("钱没有动")


def test_power_with_an_ended_agreement_leads_to_the_bank_and_back_to_the_room(
    page: Page, api: PretendApi, visit: Visit, bank: Banks
) -> None:
    failed = order("FAILED", method="BANK_CARD", declined="AGREEMENT_ENDED", payment=None)
    pays_for_power(api, failed | {"explanation": "这张银行卡的签约已经结束，没有扣款。"})
    visit("/electricity/order/ele_1")
    expect(page.get_by_text("没有扣款。")).to_be_visible()
    page.get_by_role("link", name="重新绑定银行卡").click()
    page.get_by_role("button", name="去银行签约").click()
    page.wait_for_url(AWAY)
    bank.signed = True
    visit("/bank")
    page.get_by_role("link", name="回去缴电费").click()
    expect(page.get_by_label("金额")).to_have_value("30.00")
    expect(page.get_by_label("工商银行 尾号 0001")).to_be_checked()
    expect(page.get_by_role("heading", name=OWN)).to_have_count(0)  # the order's room, a friend's
