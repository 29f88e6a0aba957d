"""Refusals by rule: one class, and the one table of what each says in 中文 and English.

A refusal is a result, final for the caller's id; SERVICE_UNAVAILABLE and TOO_MANY_ATTEMPTS pass, and are not
stored. Its message says what happened and what happened to the money; its voice prompt is short enough to speak
at a till; its remedy says what to do next.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from onecard.rules.energy import format_kwh
from onecard.rules.money import format_yuan

Language = Literal["ZH", "EN"]
Datum = int | str | list[str]


class RefusalCode(StrEnum):
    """INSUFFICIENT_BALANCE ↔ the GraphQL type InsufficientBalance, and so on."""

    INSUFFICIENT_BALANCE = "INSUFFICIENT_BALANCE"
    ACCOUNT_FROZEN = "ACCOUNT_FROZEN"
    ACCOUNT_CLOSED = "ACCOUNT_CLOSED"
    CODE_UNKNOWN = "CODE_UNKNOWN"
    CODE_EXPIRED = "CODE_EXPIRED"
    CODE_USED = "CODE_USED"
    CODE_FOR_DOORS = "CODE_FOR_DOORS"
    AMOUNT_INVALID = "AMOUNT_INVALID"
    PAYMENT_LIMIT_REACHED = "PAYMENT_LIMIT_REACHED"
    OUTSIDE_SERVICE_HOURS = "OUTSIDE_SERVICE_HOURS"
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"
    TERMINAL_UNKNOWN = "TERMINAL_UNKNOWN"
    TERMINAL_STOPPED = "TERMINAL_STOPPED"
    CHARGE_REVERSED_BEFORE = "CHARGE_REVERSED_BEFORE"
    ALREADY_REVERSED = "ALREADY_REVERSED"
    NOT_ALLOWED = "NOT_ALLOWED"
    NOT_BOUND = "NOT_BOUND"
    BIND_MISMATCH = "BIND_MISMATCH"
    ALREADY_BOUND = "ALREADY_BOUND"
    TOO_MANY_ATTEMPTS = "TOO_MANY_ATTEMPTS"
    WALLET_TYPE_NOT_OFFERED = "WALLET_TYPE_NOT_OFFERED"
    RECHARGE_UNKNOWN = "RECHARGE_UNKNOWN"
    REFUND_TOO_LARGE = "REFUND_TOO_LARGE"
    ROOM_UNKNOWN = "ROOM_UNKNOWN"
    ROOM_HAS_NO_METER = "ROOM_HAS_NO_METER"
    METHOD_NOT_OFFERED = "METHOD_NOT_OFFERED"
    ORDER_UNKNOWN = "ORDER_UNKNOWN"
    ORDER_NOT_OPEN = "ORDER_NOT_OPEN"
    METER_UNKNOWN = "METER_UNKNOWN"
    ENERGY_USED = "ENERGY_USED"
    INCIDENT_UNKNOWN = "INCIDENT_UNKNOWN"
    INCIDENT_NOT_OPEN = "INCIDENT_NOT_OPEN"
    POWER_LOCKED = "POWER_LOCKED"
    LINK_UNKNOWN = "LINK_UNKNOWN"
    TOO_MANY_LINKS = "TOO_MANY_LINKS"
    BANK_CARD_NOT_BOUND = "BANK_CARD_NOT_BOUND"
    BANK_CARD_BOUND = "BANK_CARD_BOUND"
    SERVICE_UNAVAILABLE = "SERVICE_UNAVAILABLE"

    @property
    def type_name(self) -> str:
        """The GraphQL type: `InsufficientBalance`."""
        return "".join(word.capitalize() for word in self.value.split("_"))


# Never a stored result: the same id may be sent again, with the same or (conflict) its first body.
NOT_STORED = frozenset((RefusalCode.SERVICE_UNAVAILABLE, RefusalCode.IDEMPOTENCY_CONFLICT))

UNPRICED_FEN = 0
"""As `amount_fen`: would anything at all pass? No payment is of nothing."""


class Refusal(Exception):
    """A `no` by rule, with its data. `data` holds exactly the fields its row of the table names."""

    def __init__(self, code: RefusalCode, **data: Datum) -> None:
        assert set(data) == set(_TABLE[code].fields), f"{code} carries {_TABLE[code].fields}, not {[*data]}"
        super().__init__(code.value)
        self.code = code
        self.data: dict[str, Datum] = data

    def message(self, language: Language = "ZH") -> str:
        """What happened, and what happened to the money."""
        words = _TABLE[self.code]
        if words.unpriced_zh and self.data["amount_fen"] == UNPRICED_FEN:
            sentence = words.unpriced_zh if language == "ZH" else words.unpriced_en
        else:
            sentence = words.message_zh if language == "ZH" else words.message_en
        return sentence.format_map(_spoken(self.data, language))

    @property
    def voice_prompt(self) -> str:
        return _TABLE[self.code].voice

    def remedy(self, language: Language = "ZH") -> str:
        """What to do next."""
        words = _TABLE[self.code]
        sentence = words.remedy_zh if language == "ZH" else words.remedy_en
        return sentence.format_map(_spoken(self.data, language))

    def stored(self) -> str:
        """JSON for the key row."""
        assert self.code not in NOT_STORED, f"{self.code} is never a stored result"
        return json.dumps({"code": self.code.value, "data": self.data}, ensure_ascii=False, sort_keys=True)

    @classmethod
    def restore(cls, stored: str | Mapping[str, object]) -> Refusal:
        """The refusal that `stored` came from; accepts the JSON text or what it parses to."""
        row = json.loads(stored) if isinstance(stored, str) else stored
        return cls(RefusalCode(row["code"]), **row["data"])  # type: ignore[arg-type]  # as it was stored

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Refusal) and (self.code, self.data) == (other.code, other.data)

    def __hash__(self) -> int:
        return hash(self.code)

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (self.code, self.data))

    def __repr__(self) -> str:
        return f"Refusal({self.code.value}, {self.data})"


def _rebuild(code: RefusalCode, data: dict[str, Datum]) -> Refusal:
    return Refusal(code, **data)


@dataclass(frozen=True, slots=True)
class _Words:
    voice: str
    message_zh: str
    remedy_zh: str
    message_en: str
    remedy_en: str
    fields: tuple[str, ...] = ()
    unpriced_zh: str = ""  # the message when nobody has named an amount
    unpriced_en: str = ""


_FREEZES: dict[str, tuple[str, str]] = {
    "OVERDRAFT": ("透支", "overdraft"),
    "LOSS": ("挂失", "reported lost"),
    "OPERATOR": ("卡务中心冻结", "frozen by the card centre"),
    "CHIP_MISMATCH": ("卡片与账务不符", "chip and account differ"),
    "NETWORK_PLAN": ("校园网套餐异常", "network plan not in order"),
}
_PERIODS: dict[str, tuple[str, str]] = {"ONCE": ("单笔", "single payment"), "DAY": ("单日", "daily")}


def _spoken(data: Mapping[str, Datum], language: Language) -> dict[str, str]:
    """The data as a sentence wants it: `amount_fen` → `amount` in yuan, words of a list joined."""
    which = 0 if language == "ZH" else 1
    spoken: dict[str, str] = {}
    for name, value in data.items():
        if name.endswith("_fen"):
            assert isinstance(value, int)
            spoken[name.removesuffix("_fen")] = format_yuan(value)
        elif name.endswith("_wh"):
            assert isinstance(value, int)
            spoken[name.removesuffix("_wh")] = format_kwh(value)
        elif name == "reasons":
            assert isinstance(value, list)
            spoken[name] = ("、" if language == "ZH" else ", ").join(
                _FREEZES[reason][which] for reason in value
            )
        elif name == "period":
            spoken[name] = _PERIODS[str(value)][which]
        else:
            spoken[name] = str(value)
    return spoken


_TABLE: dict[RefusalCode, _Words] = {
    RefusalCode.INSUFFICIENT_BALANCE: _Words(
        voice="余额不足",
        message_zh="余额不足：可用 {available} 元，本次需要 {amount} 元。没有扣款。",
        remedy_zh="请先充值，再重新付款。",
        message_en="Not enough money: {available} yuan available, {amount} yuan needed. Nothing was charged.",
        remedy_en="Recharge first, then pay again.",
        fields=("available_fen", "amount_fen"),
        unpriced_zh="可用余额 {available} 元，大于 0 才能付款。",
        unpriced_en="{available} yuan available; you can pay once it is above 0.",
    ),
    RefusalCode.ACCOUNT_FROZEN: _Words(
        voice="账户已冻结",
        message_zh="账户已冻结（{reasons}）。没有扣款。",
        remedy_zh="透支时充值即可自动解冻；其他原因请到卡务中心办理。冻结期间仍可充值。",
        message_en="The account is frozen ({reasons}). Nothing was charged.",
        remedy_en="An overdraft ends with a recharge; for the rest see the card centre. Recharging works.",
        fields=("reasons",),
    ),
    RefusalCode.ACCOUNT_CLOSED: _Words(
        voice="账户已注销",
        message_zh="账户已注销。没有动用任何款项。",
        remedy_zh="如有疑问，请到卡务中心查询。",
        message_en="The account is closed. No money moved.",
        remedy_en="Ask at the card centre.",
    ),
    RefusalCode.CODE_UNKNOWN: _Words(
        voice="无效付款码",
        message_zh="付款码无效。没有扣款。",
        remedy_zh="请打开微信校园卡的付款码，重新出示。",
        message_en="This payment code is not known. Nothing was charged.",
        remedy_en="Open the payment code on the phone and show it again.",
    ),
    RefusalCode.CODE_EXPIRED: _Words(
        voice="付款码已过期",
        message_zh="付款码已过期。没有扣款。",
        remedy_zh="请刷新付款码后重新出示。",
        message_en="This payment code has expired. Nothing was charged.",
        remedy_en="Renew the payment code and show it again.",
    ),
    RefusalCode.CODE_USED: _Words(
        voice="付款码已使用",
        message_zh="这个付款码已经用过。本次没有扣款。",
        remedy_zh="请刷新付款码后重新出示；先到“我的账单”看看上一笔是否已付。",
        message_en="This payment code was used before. Nothing was charged this time.",
        remedy_en="Renew the code and show it again; check your bills for the earlier payment first.",
    ),
    RefusalCode.CODE_FOR_DOORS: _Words(
        voice="请出示付款码",
        message_zh="这个码已用于门禁，不能付款。没有扣款。",
        remedy_zh="请刷新付款码后重新出示。",
        message_en="This code was shown to a door and cannot pay. Nothing was charged.",
        remedy_en="Renew the payment code and show it again.",
    ),
    RefusalCode.AMOUNT_INVALID: _Words(
        voice="金额有误",
        message_zh="金额须在 {minimum} 至 {maximum} 元之间，最多两位小数。没有动用任何款项。",
        remedy_zh="请改正金额后重试。",
        message_en="The amount must be {minimum} to {maximum} yuan, at most two decimals. No money moved.",
        remedy_en="Correct the amount and try again.",
        fields=("minimum_fen", "maximum_fen"),
    ),
    RefusalCode.PAYMENT_LIMIT_REACHED: _Words(
        voice="超出消费限额",
        message_zh="超出{period}消费限额 {limit} 元（今日已用 {spent} 元）。没有扣款。",
        remedy_zh="请减少金额、明天再付，或改用其他方式支付。",
        message_en="Above the {period} limit of {limit} yuan ({spent} spent today). Nothing was charged.",
        remedy_en="Pay less, pay tomorrow, or pay another way.",
        fields=("limit_fen", "period", "spent_fen"),
    ),
    RefusalCode.OUTSIDE_SERVICE_HOURS: _Words(
        voice="不在服务时间",
        message_zh="现在不在服务时间（{opens_at}–{closes_at}）。没有下单，也没有扣款。",
        remedy_zh="请在 {opens_at}–{closes_at} 之间办理。",
        message_en="Outside service hours ({opens_at}-{closes_at}). Nothing was ordered or charged.",
        remedy_en="Come back between {opens_at} and {closes_at}.",
        fields=("opens_at", "closes_at"),
    ),
    RefusalCode.IDEMPOTENCY_CONFLICT: _Words(
        voice="请求重复",
        message_zh="同一编号曾用于另一个请求。本次没有动用任何款项，原请求的结果不变。",
        remedy_zh="请用新的编号发起新的请求。",
        message_en="This id was used for a different request. No money moved; the first result stands.",
        remedy_en="Send a new request with a new id.",
    ),
    RefusalCode.TERMINAL_UNKNOWN: _Words(
        voice="终端未登记",
        message_zh="终端未登记。没有动用任何款项。",
        remedy_zh="请换一台终端，并请商户联系卡务中心登记。",
        message_en="This terminal is not registered. No money moved.",
        remedy_en="Use another terminal; the merchant should contact the card centre.",
    ),
    RefusalCode.TERMINAL_STOPPED: _Words(
        voice="终端已停用",
        message_zh="终端已停用。没有扣款。",
        remedy_zh="请换一台终端付款。",
        message_en="This terminal is out of service. Nothing was charged.",
        remedy_en="Pay at another terminal.",
    ),
    RefusalCode.CHARGE_REVERSED_BEFORE: _Words(
        voice="交易已撤销",
        message_zh="这笔交易此前已被撤销。没有扣款。",
        remedy_zh="如仍需付款，请重新发起一笔。",
        message_en="This charge was reversed before it arrived. Nothing was charged.",
        remedy_en="Start a new payment if it is still wanted.",
    ),
    RefusalCode.ALREADY_REVERSED: _Words(
        voice="已经撤销",
        message_zh="这笔扣款先前已撤销，钱已退回。本次没有再动用款项。",
        remedy_zh="请在“我的账单”查看撤销记录。",
        message_en="This charge was reversed earlier and the money is back. Nothing moved this time.",
        remedy_en="See the reversal in the bills.",
    ),
    RefusalCode.NOT_ALLOWED: _Words(
        voice="没有权限",
        message_zh="没有权限办理。没有动用任何款项。",
        remedy_zh="请换用有权限的账号，或到卡务中心办理。",
        message_en="This is not allowed for you. No money moved.",
        remedy_en="Use an account that may do this, or ask the card centre.",
    ),
    RefusalCode.NOT_BOUND: _Words(
        voice="请先绑定校园卡",
        message_zh="还没有绑定校园卡。没有动用任何款项。",
        remedy_zh="请先用学/工号绑定校园卡。",
        message_en="No campus card is bound yet. No money moved.",
        remedy_en="Bind your campus card with your student or staff number first.",
    ),
    RefusalCode.BIND_MISMATCH: _Words(
        voice="信息不符",
        message_zh="学/工号或查询密码不正确。没有绑定，也没有动用任何款项。",
        remedy_zh="查询密码是身份证号码后 6 位数字；末位为 X 时取 X 前 6 位。",
        message_en="The number or the query password is wrong. Nothing was bound and no money moved.",
        remedy_en="The password is the last six digits of the ID number; a final X is skipped.",
    ),
    RefusalCode.ALREADY_BOUND: _Words(
        voice="已经绑定",
        message_zh="校园卡已经绑定。没有改动，也没有动用任何款项。",
        remedy_zh="如不是本人绑定，请到卡务中心办理。",
        message_en="This is bound already. Nothing changed and no money moved.",
        remedy_en="If it was not you who bound it, see the card centre.",
    ),
    RefusalCode.TOO_MANY_ATTEMPTS: _Words(
        voice="操作太频繁",
        message_zh="尝试次数过多。没有动用任何款项。",
        remedy_zh="请在 {retry_after_s} 秒后再试。",
        message_en="Too many attempts. No money moved.",
        remedy_en="Try again in {retry_after_s} seconds.",
        fields=("retry_after_s",),
    ),
    RefusalCode.WALLET_TYPE_NOT_OFFERED: _Words(
        voice="钱包类型不可用",
        message_zh="不支持所选的钱包类型或支付方式。没有下单，也没有扣款。",
        remedy_zh="请选择页面上提供的钱包类型和支付方式。",
        message_en="This wallet type or method is not offered. Nothing was ordered or charged.",
        remedy_en="Choose one that the page offers.",
    ),
    RefusalCode.RECHARGE_UNKNOWN: _Words(
        voice="充值单不存在",
        message_zh="找不到这笔充值。没有动用任何款项。",
        remedy_zh="请在充值记录中核对后重试。",
        message_en="This recharge is not known. No money moved.",
        remedy_en="Check the list of recharges and try again.",
    ),
    RefusalCode.REFUND_TOO_LARGE: _Words(
        voice="超出可退金额",
        message_zh="超出可退金额：目前最多可退 {refundable} 元。没有退款。",
        remedy_zh="请减少退款金额。已消费、已预扣或已写入卡片的钱不能退回。",
        message_en="Too much: at most {refundable} yuan can be refunded now. Nothing was refunded.",
        remedy_en="Ask for less. Money spent, held or written to the chip cannot go back.",
        fields=("refundable_fen",),
    ),
    RefusalCode.ROOM_UNKNOWN: _Words(
        voice="没有这间宿舍",
        message_zh="没有登记这间宿舍。没有下单，也没有扣款。",
        remedy_zh="请重新选择楼栋、楼层和房间号；确实没有的，请联系水电中心登记。",
        message_en="This room is not registered. Nothing was ordered or charged.",
        remedy_en="Choose building, floor and room again; if it is missing, ask the utility office.",
    ),
    RefusalCode.ROOM_HAS_NO_METER: _Words(
        voice="宿舍没有电表",
        message_zh="这间宿舍还没有登记电表，现在不能缴电费。没有下单，也没有扣款。",
        remedy_zh="请联系水电中心，登记电表后再缴。",
        message_en="No meter is registered for this room, so nobody can pay for it. Nothing was charged.",
        remedy_en="Ask the utility office to register the meter, then pay.",
    ),
    RefusalCode.METHOD_NOT_OFFERED: _Words(
        voice="支付方式不可用",
        message_zh="现在不能用这种支付方式。没有下单，也没有扣款。",
        remedy_zh="请换一种页面上提供的支付方式。",
        message_en="This way of paying is not offered. Nothing was ordered or charged.",
        remedy_en="Choose another way that the page offers.",
    ),
    RefusalCode.ORDER_UNKNOWN: _Words(
        voice="订单不存在",
        message_zh="找不到这笔缴费。没有动用任何款项。",
        remedy_zh="请在“我的账单”或宿舍的缴费记录中核对。",
        message_en="This order is not known. No money moved.",
        remedy_en="Look at your bills, or at the payments of the room.",
    ),
    RefusalCode.ORDER_NOT_OPEN: _Words(
        voice="订单已有结果",
        message_zh="这笔订单已经有了结果，或者别人正在处理。没有动用任何款项。",
        remedy_zh="请刷新后看它现在的状态。",
        message_en="This order has its result, or somebody is dealing with it. No money moved.",
        remedy_en="Load it again and look at its state.",
    ),
    RefusalCode.METER_UNKNOWN: _Words(
        voice="电表未登记",
        message_zh="没有登记这只电表，或者它已经拆除。没有动用任何款项，也没有操作电表。",
        remedy_zh="请在电表列表里核对。",
        message_en="This meter is not registered, or was removed. No money moved, nothing was switched.",
        remedy_en="Check the list of meters.",
    ),
    RefusalCode.ENERGY_USED: _Words(
        voice="剩余电量不足",
        message_zh="原宿舍自己买的电只剩 {left} 度，不够转这么多。没有转移电量，也没有动用任何款项。",
        remedy_zh="请减少要转的度数。",
        message_en="Only {left} kWh of what was bought is left in that room. Nothing was moved; no money moved.",
        remedy_en="Move less.",
        fields=("left_wh",),
    ),
    RefusalCode.INCIDENT_UNKNOWN: _Words(
        voice="找不到这次断电",
        message_zh="找不到这次违规断电的记录。没有动用任何款项，也没有操作电表。",
        remedy_zh="请刷新后再看。",
        message_en="This cut is not known. No money moved, nothing was switched.",
        remedy_en="Load it again.",
    ),
    RefusalCode.INCIDENT_NOT_OPEN: _Words(
        voice="已有人处理",
        message_zh="这次断电已经走到别的步骤了。没有动用任何款项，也没有操作电表。",
        remedy_zh="请刷新后看它现在到哪一步。",
        message_en="This cut has come to another step meanwhile. No money moved, nothing was switched.",
        remedy_en="Load it again and look how far it is.",
    ),
    RefusalCode.POWER_LOCKED: _Words(
        voice="违规断电未审批",
        message_zh="这间宿舍因违规电器被锁定断电，院部还没有同意恢复。没有操作电表。",
        remedy_zh="请让住宿同学先申请，院部同意后在“用电安全”里恢复供电。",
        message_en="The room is locked for a forbidden appliance, no application was approved. Nothing was switched.",
        remedy_en="A resident applies, their department approves; then switch it on under power safety.",
    ),
    RefusalCode.LINK_UNKNOWN: _Words(
        voice="链接已失效",
        message_zh="这个缴费链接已失效。没有动用任何款项。",
        remedy_zh="请向给您链接的同学要一个新的。",
        message_en="This payment link is no longer good. No money moved.",
        remedy_en="Ask whoever gave it to you for a new one.",
    ),
    RefusalCode.TOO_MANY_LINKS: _Words(
        voice="链接太多",
        message_zh="您已有五个缴费链接，不能再新建。没有动用任何款项。",
        remedy_zh="请先停用一个不再需要的链接。",
        message_en="You have five payment links already. No money moved.",
        remedy_en="End one that is no longer needed first.",
    ),
    RefusalCode.BANK_CARD_NOT_BOUND: _Words(
        voice="未绑定银行卡",
        message_zh="您还没有绑定银行卡。没有下单，也没有扣款。",
        remedy_zh="请先绑定银行卡，或换一种支付方式。",
        message_en="No bank card is bound to you. Nothing was ordered or charged.",
        remedy_en="Bind a bank card first, or choose another way to pay.",
    ),
    RefusalCode.BANK_CARD_BOUND: _Words(
        voice="已绑定银行卡",
        message_zh="您已绑定一张银行卡。没有动用任何款项。",
        remedy_zh="要换卡，请先解绑原来的卡。",
        message_en="You have a bank card bound already. No money moved.",
        remedy_en="To change it, unbind the present one first.",
    ),
    RefusalCode.SERVICE_UNAVAILABLE: _Words(
        voice="系统繁忙请稍后",
        message_zh="系统暂时没有应答，这一次的结果还不确定。用同一编号重试，不会重复扣款。",
        remedy_zh="请稍后重试，或到“我的账单”查看结果。",
        message_en="No answer just now, so this result is not certain yet. Retrying never charges twice.",
        remedy_en="Try again in a moment, or look at your bills.",
    ),
}
assert set(_TABLE) == set(RefusalCode)
