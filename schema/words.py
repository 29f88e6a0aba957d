"""The closed lists of words, each with its 中文: the enums of `onecard.rules`, described.

`Language`, `BindMethod` and `RechargeStepKind` are the schema's own; all others are the very enums that the
actions use, so that a resolver never translates a word.
"""

from enum import Enum, StrEnum
from typing import Annotated, Literal

import strawberry

from onecard.actions.command_meter import MeterOperation as MeterOperation
from onecard.actions.find_obstacles import PaymentChannel as PaymentChannel
from onecard.actions.record_readings import ReadingOutcome as ReadingOutcome
from onecard.registry.meters import MeterFlag as MeterFlag
from onecard.registry.meters import Relay as Relay
from onecard.registry.things import CommandState as CommandState
from onecard.registry.things import TerminalState as TerminalState
from onecard.registry.usage import Interval as Interval
from onecard.registry.usage import UsageBy as UsageBy
from onecard.rules.access import Role as Role
from onecard.rules.kinds import AlertKind as AlertKind
from onecard.rules.kinds import BankCardState as BankCardState
from onecard.rules.kinds import BillKind as BillKind
from onecard.rules.kinds import CaseKind as CaseKind
from onecard.rules.kinds import CaseState as CaseState
from onecard.rules.kinds import DeclineReason as DeclineReason
from onecard.rules.kinds import ElectricityState as ElectricityState
from onecard.rules.kinds import FreezeReason as FreezeReason
from onecard.rules.kinds import IncidentState as IncidentState
from onecard.rules.kinds import LimitPeriod as LimitPeriod
from onecard.rules.kinds import MeterWay as MeterWay
from onecard.rules.kinds import PayMethod as PayMethod
from onecard.rules.kinds import PowerState as PowerState
from onecard.rules.kinds import PowerStepKind as PowerStepKind
from onecard.rules.kinds import ProposalKind as ProposalKind
from onecard.rules.kinds import ProposalState as ProposalState
from onecard.rules.kinds import RechargeMethod as RechargeMethod
from onecard.rules.kinds import RechargeState as RechargeState
from onecard.rules.kinds import WalletType as WalletType


def _described(words: type[Enum], description: str, **each: str) -> None:
    """The enum registered with GraphQL; every member has its sentence, and none is left over."""
    assert list(each) == [member.name for member in words], f"{words.__name__}: describe exactly its members"
    strawberry.enum(words, description=description)
    for value in words.__strawberry_definition__.values:  # type: ignore[attr-defined]  # set by strawberry.enum
        value.description = each[value.name]


class Language(StrEnum):
    ZH = "ZH"
    EN = "EN"


class BindMethod(StrEnum):
    STUDENT_OR_STAFF_NUMBER = "STUDENT_OR_STAFF_NUMBER"


class RechargeStepKind(StrEnum):
    ORDERED = "ORDERED"
    PAID = "PAID"
    CREDITING = "CREDITING"
    CREDITED = "CREDITED"
    CLOSED = "CLOSED"
    FAILED = "FAILED"
    REFUNDED = "REFUNDED"


InLanguage = Annotated[
    Language, strawberry.argument(description="In which language 语言; Chinese by default.")
]


def spoken(language: Language) -> Literal["ZH", "EN"]:
    return "EN" if language is Language.EN else "ZH"


_described(
    Language, "A language 语言 for sentences meant for people.", ZH="Chinese 中文.", EN="English 英文."
)
_described(
    PaymentChannel,
    "With what a person pays.",
    PHONE="The payment code 付款码 of the phone 手机.",
    CARD="The plastic card 实体校园卡.",
)
_described(
    BindMethod,
    "How a person proves whose card it is 绑定方式.",
    STUDENT_OR_STAFF_NUMBER="By student or staff number 学/工号 and query password 查询密码.",
)
_described(
    TerminalState,
    "Whether a terminal POS机 may take payments.",
    IN_SERVICE="It takes payments 使用中.",
    STOPPED="It is stopped 已停用; payments there are refused.",
)
_described(
    CommandState,
    "How far a command 指令 to a device has come. Only a device's own word makes it ACKNOWLEDGED or more.",
    PENDING="Waiting for its gateway 待下发.",
    RECEIVED="The gateway has it in its journal 网关已收.",
    SENT="Sent to the device 已发送; it has not answered yet.",
    ACKNOWLEDGED="The device said yes 设备已确认.",
    VERIFIED="Read back from the device and found done 已核实.",
    REJECTED="The device said no 设备拒绝.",
    EXPIRED="Too old to be sent 已过期; nothing was done.",
    UNKNOWN="Sent, and no answer came 结果未知: it may or may not be done.",
)
_described(
    RechargeStepKind,
    "The steps of a recharge 充值进度.",
    ORDERED="Ordered 已下单.",
    PAID="Paid to WeChat 已支付.",
    CREDITING="Being written to the account 到账中.",
    CREDITED="In the account 已到账.",
    CLOSED="Closed without payment 已关闭.",
    FAILED="Failed 失败; no money was taken, or it goes back.",
    REFUNDED="Given back, at least in part 已退款.",
)
_described(
    Role,
    "What a person is at the school 角色; it decides what they may see and do.",
    STUDENT="Student 学生.",
    COUNSELOR="Counselor 辅导员; pays for others, sees the rooms of their classes.",
    OPERATOR="Operator of the card centre 卡务中心.",
    UTILITY_STAFF="Staff of the water and power centre 水电中心.",
    DEPARTMENT_OFFICE="The office of a department 院部办公室, which approves applications.",
    MERCHANT="Merchant 商户.",
    FINANCE="Finance 财务.",
    AUDITOR="Auditor 审计; sees, changes nothing.",
)
_described(
    FreezeReason,
    "Why an account is frozen 冻结原因. Recharging stays open whatever the reason.",
    OVERDRAFT="A purchase recorded later left the balance below zero 透支; a recharge lifts it.",
    LOSS="The card is reported lost 挂失.",
    OPERATOR="The card centre froze it 卡务中心冻结.",
    CHIP_MISMATCH="Chip and books differ and are being examined 卡库不平.",
    NETWORK_PLAN="The campus network plan is not in order 校园网套餐异常.",
)
_described(
    LimitPeriod,
    "Over which span a payment limit 消费限额 counts.",
    ONCE="One payment 单笔.",
    DAY="All payments of one accounting day 单日.",
)
_described(
    WalletType,
    "Into which wallet a recharge goes 钱包类型.",
    CARD_ACCOUNT="Card account 卡账户: lands in the transition balance 过渡余额, later on the card.",
    ELECTRONIC="Electronic account 电子账户.",
)
_described(
    RechargeMethod,
    "How a recharge is paid 支付方式.",
    WECHAT="WeChat Pay 微信.",
    BANK_CARD="The bank card that is bound 绑定银行卡; offered only where the policy lists it and a bank is connected.",
    ONLINE_PAYMENT="The school's payment platform 统一支付平台; offered only where the policy lists it and one is "
    "connected.",
)
_described(
    DeclineReason,
    "Why a payment did not come about 扣款失败原因; no money moved.",
    INSUFFICIENT_FUNDS="The bank card has too little money 余额不足.",
    LIMIT_EXCEEDED="More than was agreed for one payment or a day 超出限额.",
    AGREEMENT_ENDED="The bank card is bound no more 已解约.",
    REFUSED="The bank refused it for another reason 银行拒绝.",
)
_described(
    BankCardState,
    "How far the binding of a bank card 绑定银行卡 has come.",
    SIGNING="The bank's page is open 签约中; nothing can be debited yet.",
    BOUND="Bound 已绑定: it pays when its holder says so.",
    ENDED="Bound no more 已解绑.",
)
_described(
    RechargeState,
    "How far a recharge 充值 has come.",
    ORDERED="Ordered 已下单, not paid yet.",
    PAID="It is paid 已支付; the account is being credited.",
    CREDITED="The money is in the account 已到账.",
    CLOSED="Closed without payment 已关闭.",
    FAILED="Failed 失败: the payment was refused, or another amount was paid, which goes back.",
    REFUNDED="Given back as a whole 已全额退款.",
    PARTLY_REFUNDED="Given back in part 已部分退款.",
)
_described(
    BillKind,
    "What a line of the bill 流水 is.",
    RECHARGE="A recharge 充值.",
    PAYMENT="A payment by phone 付款码消费.",
    CARD_TAP="A payment with the plastic card 刷卡消费.",
    CHIP_LOAD="Money written to the card's chip 领款.",
    REFUND="Money given back 退款.",
    REVERSAL="A charge undone by its terminal 冲正.",
    FEE="A fee 手续费.",
    ADJUSTMENT="A correction 调账.",
    ELECTRICITY="A payment for a room's electricity 缴电费, or its money given back.",
)
_described(
    CaseKind,
    "Why money needs a look 异常类型.",
    PAID_UNKNOWN_ORDER="A provider reports a payment for an order that does not exist 订单不存在.",
    PAID_OTHER_AMOUNT="A provider reports another amount than was ordered 金额不符.",
    REFUND_FAILED="A refund could not be given back 退款失败.",
    ELECTRICITY_DISPUTE="A meter took energy whose money had gone back already 电费争议.",
)
_described(
    CaseState,
    "How far a case has come.",
    OPEN="Waiting for a person 待处理.",
    REFUNDING="Being refunded 退款中.",
    CLOSED="Settled 已处理.",
)
_described(
    PayMethod,
    "How a person pays 支付方式.",
    CARD_ACCOUNT="From the campus card account 卡账户, at once.",
    WECHAT="WeChat Pay 微信.",
    BANK_CARD="The bank card that is bound 绑定银行卡.",
    ONLINE_PAYMENT="The school's payment platform 统一支付平台.",
)
_described(
    ElectricityState,
    "How far a purchase of electricity 缴电费 has come.",
    ORDERED="Ordered 已下单, to be paid from outside; no money moved.",
    PAID="Paid 已付款; the energy is on its way.",
    DELIVERING="The meter is being written 正在写表.",
    DELIVERED="The room has the energy 已送电.",
    UNKNOWN="The meter did not answer in time 待核对; its order counter will say.",
    REFUNDING="Not delivered; the money is going back 退款中.",
    REFUNDED="Not delivered; the money is back 已退款.",
    CLOSED="Nobody paid it 已关闭.",
    FAILED="It could not be paid 支付失败.",
    DISPUTED="The meter took the energy after the money had gone back 争议中; an operator decides.",
    UNMAPPED="Paid, but the room has no meter 待确认宿舍; the utility office decides.",
)
_described(
    MeterWay,
    "Who counts the energy that was bought 计费方式.",
    SERVER_CREDIT="Our ledger 服务端计费; the meter only measures.",
    METER_CREDIT="The meter itself 表内计费; each purchase is written to it.",
)
_described(
    Relay,
    "Whether a meter lets power through 继电器.",
    OPEN="No power 断电.",
    CLOSED="Power 通电.",
)
_described(
    MeterFlag,
    "What a meter complains about 告警.",
    MALICIOUS_CUT="It cut a forbidden appliance off and restores itself 恶性负载断电.",
    MALICIOUS_LOCKED="It cut again and stays off until staff restores it 恶性负载锁定.",
    RELAY_FAULT="Its relay does not do what it is told 继电器故障.",
    TAMPERED="Its cover was opened 开盖.",
    BATTERY_LOW="Its clock battery is low 电池欠压.",
)
_described(
    MeterOperation,
    "What a meter may be told 电表操作.",
    RELAY_OPEN="Power off 断电.",
    RELAY_CLOSE="Power on 通电.",
    CREDIT_WRITE="Take this energy 写入电量; orders alone do it.",
    READ_NOW="Be read at once 立即抄表.",
)
_described(
    ReadingOutcome,
    "What became of a reading 抄表结果.",
    ACCEPTED="Taken 已记录.",
    DUPLICATE="Known already, or older than what is known 重复.",
    REJECTED="Not this gateway's meter, or a register that went back 已拒绝.",
)
_described(
    Interval,
    "How long a point of usage 用电记录 is.",
    HOUR="An hour 小时.",
    DAY="A day 日, of the school's calendar.",
    MONTH="A calendar month 月.",
)
_described(
    UsageBy,
    "Which places are told apart.",
    ALL="None: all together 合计.",
    CAMPUS="Campuses 校区.",
    BUILDING="Buildings 楼栋.",
    FLOOR="Floors 楼层.",
    ROOM="Rooms 宿舍.",
)
_described(
    ProposalKind,
    "What two persons may decide about a purchase of electricity 两人处理.",
    REFUND="Give the money back 退款: the meter never answered, or the room has none.",
    ASSIGN="Send it to the room it was meant for 改派宿舍.",
    MOVE="Move energy that was not used to another room 转移电量.",
    AGAINST_PAYER="End a dispute: the payer had the energy and pays 向缴费人收回.",
    WRITE_OFF="End a dispute: the school bears it 学校核销.",
)
_described(
    ProposalState,
    "Whether a proposal is decided.",
    OPEN="Waiting for another person 待决定.",
    APPROVED="Approved and done 已同意.",
    REJECTED="Rejected 已否决.",
)
_described(
    PowerState,
    "Why a room has power or has none 供电状态.",
    NORMAL="It has power 供电正常.",
    CUT="Its meter saw a forbidden appliance and cut 违规断电; it comes back by itself.",
    LOCKED="The same again: it stays dark until the department's office approved 违规锁定.",
    NO_ENERGY="Its energy is used up 电量用完.",
    NIGHT="The night's timetable keeps the building dark 夜间统一断电.",
    SWITCHED_OFF="The utility office switched it off 检修断电, or somebody did at the meter.",
    UNKNOWN="The meter does not answer 失联, so nobody here knows.",
)
_described(
    IncidentState,
    "How far a cut for a forbidden appliance 违规断电 has come.",
    CUT="The meter cut; it will light the room again by itself 已断电.",
    LOCKED="It stays dark until a resident applies 已锁定.",
    APPLIED="A resident applied; their department's office decides 待院部审批.",
    APPROVED="Approved; the utility office switches on 待恢复供电.",
    CLOSED="The room has power again 已恢复.",
)
_described(
    PowerStepKind,
    "One step of a cut for a forbidden appliance.",
    CUT="The meter cut 断电.",
    LOCKED="The meter cut again and stays so 锁定.",
    APPLIED="A resident applied 提交申请.",
    APPROVED="The department's office approved 院部同意.",
    REJECTED="The department's office did not; a resident may apply anew 院部不同意.",
    OVERDUE="The office that it waited for let its time pass 超时.",
    SWITCHED_ON="The utility office told the meter to let power in 下达通电.",
    RESTORED="The meter says that it does 恢复供电.",
)
_described(
    AlertKind,
    "What a resident may want to hear of their room 用电提醒, by WeCom.",
    LOW_ENERGY="Little energy is left 电量不足: less than a threshold of their own.",
    NIGHT_CUT="It will probably be used up in the night 今晚可能断电.",
    POWER_CUT="The room was cut 断电, and why.",
    POWER_RESTORED="The room has power again 恢复供电.",
)
