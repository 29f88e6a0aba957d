"""What is said of an order for electricity in each of its states: what happened, where the money is, what to do."""

from __future__ import annotations

from typing import Protocol

from onecard.rules.energy import format_kwh
from onecard.rules.kinds import DeclineReason, ElectricityState, PayMethod
from onecard.rules.money import format_yuan
from onecard.rules.refusals import Language

_WORDS: dict[ElectricityState, tuple[str, str, str, str]] = {
    ElectricityState.ORDERED: (
        "还没有付款，钱没有动。",
        "付过了就点“我已付款”，不会多扣。",
        "It is not paid yet; no money moved.",
        'If you have paid, tap "I have paid": you are not charged twice.',
    ),
    ElectricityState.PAID: (
        "{amount} 元已收到，正在送电。",
        "不用做什么，会自动完成；送不成会退回给你。",
        "{amount} yuan arrived; the energy is on its way.",
        "Nothing to do: it arrives, or your money comes back.",
    ),
    ElectricityState.DELIVERING: (
        "{amount} 元已收到，正在写入电表。",
        "不用做什么，一般一分钟内完成；写不成会退回给你。",
        "{amount} yuan arrived; the meter is being written.",
        "Nothing to do: a minute as a rule. If the meter refuses, your money comes back.",
    ),
    ElectricityState.UNKNOWN: (
        "电表没有及时回话，正在核对它的购电次数。{amount} 元还在，没有丢。",
        "不用再付一次。核对出结果会自动送电或退款；超过一天请联系水电中心。",
        "The meter did not answer in time; its order counter is being checked. The {amount} yuan are safe.",
        "Do not pay again. It is delivered or refunded by itself; after a day ask the utility office.",
    ),
    ElectricityState.DELIVERED: (
        "{amount} 元的电已经到表，共 {energy} 度。",
        "表上的数字在下次抄表后更新。",
        "{energy} kWh for {amount} yuan are on the meter.",
        "What is shown is brought up to date with the next reading.",
    ),
    ElectricityState.REFUNDING: (
        "没有送成电，{amount} 元正在按原路退回。",
        "一般几分钟到账，最晚三个工作日。",
        "It was not delivered; {amount} yuan are going back the way they came.",
        "Minutes as a rule, three working days at the latest.",
    ),
    ElectricityState.REFUNDED: (
        "没有送成电，{amount} 元已按原路退回。",
        "可以再缴一次；还不成请联系水电中心。",
        "It was not delivered; {amount} yuan went back the way they came.",
        "You can pay anew; if it fails again, ask the utility office.",
    ),
    ElectricityState.CLOSED: (
        "这笔订单没有付款，已经关闭，没有扣钱。",
        "想缴的话重新下单。",
        "The order was not paid and is closed; nothing was charged.",
        "Order anew if you still want to pay.",
    ),
    ElectricityState.FAILED: (
        "没有付成。万一扣了款，会按原路退回。",
        "可以重新下单。",
        "It was not paid. Should money have been taken, it goes back.",
        "Order anew.",
    ),
    ElectricityState.DISPUTED: (
        "{amount} 元退回之后，电表又收下了这笔电。水电中心正在核对。",
        "不用做什么，水电中心会联系你。",
        "After {amount} yuan had gone back, the meter took the energy. The utility office is checking.",
        "Nothing to do: the utility office gets in touch.",
    ),
    ElectricityState.UNMAPPED: (
        "{amount} 元已收到，但这间宿舍现在没有登记电表。钱还在，没有丢。",
        "水电中心会送电到对的宿舍，或退回给你。",
        "{amount} yuan arrived, but no meter is registered for the room. The money is safe.",
        "The utility office sends the energy to the right room, or your money back.",
    ),
}
assert set(_WORDS) == set(ElectricityState)


_DECLINED: dict[DeclineReason, tuple[str, str, str, str]] = {
    DeclineReason.INSUFFICIENT_FUNDS: (
        "银行卡余额不足，没有扣款。",
        "给银行卡存钱后重新缴，或换一种支付方式。",
        "The bank card has too little money; nothing was charged.",
        "Put money on it and order anew, or choose another way to pay.",
    ),
    DeclineReason.LIMIT_EXCEEDED: (
        "超过了签约时约定的单笔或每日限额，没有扣款。",
        "减少金额，明天再缴，或换一种支付方式。",
        "It is above what was agreed for one payment or a day; nothing was charged.",
        "Pay less, tomorrow, or another way.",
    ),
    DeclineReason.AGREEMENT_ENDED: (
        "这张银行卡的签约已经结束，没有扣款。",
        "重新绑定银行卡，或换一种支付方式。",
        "The bank card is bound no more; nothing was charged.",
        "Bind a card again, or choose another way to pay.",
    ),
    DeclineReason.REFUSED: (
        "银行拒绝了这次扣款，没有扣款。",
        "换一种支付方式，或向发卡银行询问原因。",
        "The bank refused; nothing was charged.",
        "Choose another way to pay, or ask your bank why.",
    ),
}
assert set(_DECLINED) == set(DeclineReason)


_DEBITING = (
    "银行还没有答复扣没扣款。扣了的钱不会丢，会自动送电，送不成会退回。",
    "不要再缴一次。几分钟内会有结果；没有扣成会自动关闭。",
    "The bank has not said yet whether it took the money. What it took is not lost: it is delivered or goes back.",
    "Do not pay again. It is decided in minutes; what was not taken is closed by itself.",
)


class Explained(Protocol):
    """What an order says about itself."""

    @property
    def state(self) -> ElectricityState: ...
    @property
    def method(self) -> PayMethod: ...
    @property
    def amount_fen(self) -> int: ...
    @property
    def wh(self) -> int | None: ...
    @property
    def declined(self) -> DeclineReason | None: ...


def explain_order(order: Explained, language: Language) -> str:
    """What happened, and where the money is."""
    zh, _, en, _ = _words(order)
    return _fill(zh if language == "ZH" else en, order)


def remedy_of_order(order: Explained, language: Language) -> str:
    """What to do now."""
    _, zh, _, en = _words(order)
    return _fill(zh if language == "ZH" else en, order)


def _words(order: Explained) -> tuple[str, str, str, str]:
    if order.state is ElectricityState.FAILED and order.declined is not None:
        return _DECLINED[order.declined]
    if order.state is ElectricityState.ORDERED and order.method is PayMethod.BANK_CARD:
        return _DEBITING
    return _WORDS[order.state]


def _fill(sentence: str, order: Explained) -> str:
    return sentence.format(amount=format_yuan(order.amount_fen), energy=format_kwh(order.wh or 0))
