"""The one table of sentences: complete, true about the money, short enough to speak."""

import pickle
import re
from pathlib import Path

import pytest

from onecard.rules.refusals import NOT_STORED, Refusal, RefusalCode

pytestmark = pytest.mark.pure

DATA = {
    "available_fen": 319,
    "amount_fen": 500,
    "reasons": ["OVERDRAFT", "OPERATOR"],
    "minimum_fen": 1,
    "maximum_fen": 50_000,
    "limit_fen": 50_000,
    "period": "DAY",
    "spent_fen": 123,
    "opens_at": "05:00",
    "closes_at": "22:55",
    "retry_after_s": 30,
    "refundable_fen": 4_000,
    "left_wh": 2_500,
}
FIELDS = {
    RefusalCode.INSUFFICIENT_BALANCE: ["available_fen", "amount_fen"],
    RefusalCode.ACCOUNT_FROZEN: ["reasons"],
    RefusalCode.AMOUNT_INVALID: ["minimum_fen", "maximum_fen"],
    RefusalCode.PAYMENT_LIMIT_REACHED: ["limit_fen", "period", "spent_fen"],
    RefusalCode.OUTSIDE_SERVICE_HOURS: ["opens_at", "closes_at"],
    RefusalCode.TOO_MANY_ATTEMPTS: ["retry_after_s"],
    RefusalCode.REFUND_TOO_LARGE: ["refundable_fen"],
    RefusalCode.ENERGY_USED: ["left_wh"],
}


def example(code):
    return Refusal(code, **{name: DATA[name] for name in FIELDS.get(code, [])})


@pytest.mark.parametrize("code", RefusalCode)
def test_each_says_what_happened_to_the_money_and_what_to_do(code):
    refusal = example(code)
    zh, en = refusal.message("ZH"), refusal.message("EN")
    assert re.search("[一-鿿]", zh)
    assert re.search("没有|已退回|不会重复扣款", zh), "what happened to the money?"
    assert re.search(r"[Nn]othing|No money|never charges twice", en), "what happened to the money?"
    assert not re.search("[一-鿿]", en + refusal.remedy("EN"))
    for text in (zh, en, refusal.remedy("ZH"), refusal.remedy("EN")):
        assert "{" not in text
        assert text.endswith(("。", "."))
    assert 2 <= len(refusal.voice_prompt) <= 8, "short enough to speak at a till"


def test_amounts_are_yuan_in_the_sentence_and_fen_in_the_data():
    refusal = example(RefusalCode.INSUFFICIENT_BALANCE)
    assert refusal.message() == "余额不足：可用 3.19 元，本次需要 5.00 元。没有扣款。"
    assert "透支、卡务中心冻结" in example(RefusalCode.ACCOUNT_FROZEN).message()
    assert "daily limit of 500.00" in example(RefusalCode.PAYMENT_LIMIT_REACHED).message("EN")


@pytest.mark.parametrize("code", RefusalCode)
def test_stored_and_restored(code):
    refusal = example(code)
    assert pickle.loads(pickle.dumps(refusal)) == refusal
    if code in NOT_STORED:
        with pytest.raises(AssertionError, match="never a stored result"):
            refusal.stored()
    else:
        assert Refusal.restore(refusal.stored()) == refusal


def test_a_refusal_carries_exactly_its_data():
    with pytest.raises(AssertionError, match="carries"):
        Refusal(RefusalCode.INSUFFICIENT_BALANCE, available_fen=1)
    with pytest.raises(AssertionError, match="carries"):
        Refusal(RefusalCode.CODE_USED, amount_fen=1)


def test_the_schema_has_a_type_for_each():
    sdl = Path(__file__).parents[2] / "schema" / "schema.graphql"
    text = sdl.read_text("utf-8")
    for code in RefusalCode:
        assert re.search(rf"^type {code.type_name} implements Refusal\b", text, re.MULTILINE), code
