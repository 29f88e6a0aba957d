/* eslint-disable */
export type Maybe<T> = T | null;
export type InputMaybe<T> = T | null | undefined;
export type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
export type MakeOptional<T, K extends keyof T> = Omit<T, K> & { [SubKey in K]?: Maybe<T[SubKey]> };
export type MakeMaybe<T, K extends keyof T> = Omit<T, K> & { [SubKey in K]: Maybe<T[SubKey]> };
export type MakeEmpty<T extends { [key: string]: unknown }, K extends keyof T> = { [_ in K]?: never };
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** A calendar day in the school's time, "2026-11-23". */
  Date: { input: string; output: string; }
  /** A moment in RFC 3339 with its offset. It is printed in the school's time, "2026-11-23T12:05:00.000+08:00"; any offset is taken as input, but none is a mistake. */
  DateTime: { input: string; output: string; }
  /** Energy 电量 in kilowatt-hours 度 as a decimal string, exact to a watt-hour: "53.734", "-0.500". As input it takes a string with at most three decimals; anything else is the caller's mistake. */
  Kwh: { input: string; output: string; }
  /** An amount of money 金额 in yuan 元 as a decimal string, exact to a fen 分: "12.30", "-5.04". As input it takes a string with at most two decimals; JSON numbers, exponents, three decimals and blanks are the caller's mistake and answered in `errors` with code BAD_USER_INPUT. Zero and negative amounts parse, and are refused by the mutation as `AmountInvalid`. */
  Money: { input: string; output: string; }
  /** A time of day in the school's time, "05:00". */
  Time: { input: string; output: string; }
};

/** What a resident may want to hear of their room 用电提醒, by WeCom. */
export type AlertKind =
  /** Little energy is left 电量不足: less than a threshold of their own. */
  | 'LOW_ENERGY'
  /** It will probably be used up in the night 今晚可能断电. */
  | 'NIGHT_CUT'
  /** The room was cut 断电, and why. */
  | 'POWER_CUT'
  /** The room has power again 恢复供电. */
  | 'POWER_RESTORED';

/** Which alert, on or off. */
export type AlertSetInput = {
  /** About what. */
  kind: AlertKind;
  /** On 开启, or off. */
  on: Scalars['Boolean']['input'];
  /** Of LOW_ENERGY: below how much 提醒线, 0.1 to 1000 kWh; null: the usual. */
  threshold?: InputMaybe<Scalars['Kwh']['input']>;
};

/** How far the binding of a bank card 绑定银行卡 has come. */
export type BankCardState =
  /** The bank's page is open 签约中; nothing can be debited yet. */
  | 'SIGNING'
  /** Bound 已绑定: it pays when its holder says so. */
  | 'BOUND'
  /** Bound no more 已解绑. */
  | 'ENDED';

/** Which bank card is unbound. */
export type BankCardUnbindInput = {
  /** The card's id. */
  card: Scalars['ID']['input'];
};

/** What a line of the bill 流水 is. */
export type BillKind =
  /** A recharge 充值. */
  | 'RECHARGE'
  /** A payment by phone 付款码消费. */
  | 'PAYMENT'
  /** A payment with the plastic card 刷卡消费. */
  | 'CARD_TAP'
  /** Money written to the card's chip 领款. */
  | 'CHIP_LOAD'
  /** Money given back 退款. */
  | 'REFUND'
  /** A charge undone by its terminal 冲正. */
  | 'REVERSAL'
  /** A fee 手续费. */
  | 'FEE'
  /** A correction 调账. */
  | 'ADJUSTMENT'
  /** A payment for a room's electricity 缴电费, or its money given back. */
  | 'ELECTRICITY';

/** How a person proves whose card it is 绑定方式. */
export type BindMethod =
  /** By student or staff number 学/工号 and query password 查询密码. */
  | 'STUDENT_OR_STAFF_NUMBER';

/** What a person types to bind their campus card 绑定. */
export type CardBindInput = {
  /** How they prove whose card it is 绑定方式. */
  method?: BindMethod;
  /** Student or staff number 学/工号. */
  number: Scalars['String']['input'];
  /** Query password 查询密码: the last six digits of the ID number; with a final X, the six before it. */
  queryPassword: Scalars['String']['input'];
};

/** Why money needs a look 异常类型. */
export type CaseKind =
  /** A provider reports a payment for an order that does not exist 订单不存在. */
  | 'PAID_UNKNOWN_ORDER'
  /** A provider reports another amount than was ordered 金额不符. */
  | 'PAID_OTHER_AMOUNT'
  /** A refund could not be given back 退款失败. */
  | 'REFUND_FAILED'
  /** A meter took energy whose money had gone back already 电费争议. */
  | 'ELECTRICITY_DISPUTE';

/** How far a case has come. */
export type CaseState =
  /** Waiting for a person 待处理. */
  | 'OPEN'
  /** Being refunded 退款中. */
  | 'REFUNDING'
  /** Settled 已处理. */
  | 'CLOSED';

/** Which charge a terminal takes back 冲正. */
export type ChargeReverseInput = {
  /** Made by the caller, unique for this intent, and kept across retries: 8 to 64 letters, digits, or . _ : - ; a UUID is fine. The same id again gives the same result; with other contents it is `IdempotencyConflict`. This is the reversal's own id. */
  id: Scalars['ID']['input'];
  /** The id the charge was sent with. */
  charge: Scalars['ID']['input'];
  /** The terminal's number 终端号, the same that charged. */
  terminal: Scalars['String']['input'];
  /** When it was decided, by the terminal's clock. */
  occurredAt: Scalars['DateTime']['input'];
};

/** How far a command 指令 to a device has come. Only a device's own word makes it ACKNOWLEDGED or more. */
export type CommandState =
  /** Waiting for its gateway 待下发. */
  | 'PENDING'
  /** The gateway has it in its journal 网关已收. */
  | 'RECEIVED'
  /** Sent to the device 已发送; it has not answered yet. */
  | 'SENT'
  /** The device said yes 设备已确认. */
  | 'ACKNOWLEDGED'
  /** Read back from the device and found done 已核实. */
  | 'VERIFIED'
  /** The device said no 设备拒绝. */
  | 'REJECTED'
  /** Too old to be sent 已过期; nothing was done. */
  | 'EXPIRED'
  /** Sent, and no answer came 结果未知: it may or may not be done. */
  | 'UNKNOWN';

/** Why a payment did not come about 扣款失败原因; no money moved. */
export type DeclineReason =
  /** The bank card has too little money 余额不足. */
  | 'INSUFFICIENT_FUNDS'
  /** More than was agreed for one payment or a day 超出限额. */
  | 'LIMIT_EXCEEDED'
  /** The bank card is bound no more 已解约. */
  | 'AGREEMENT_ENDED'
  /** The bank refused it for another reason 银行拒绝. */
  | 'REFUSED';

/** What a gateway knows about a command 指令 now. */
export type DeviceCommandReportInput = {
  /** The command's id. */
  command: Scalars['ID']['input'];
  /** How far it has come; a state never goes back. */
  state: CommandState;
  /** When, by the gateway's clock. */
  at: Scalars['DateTime']['input'];
  /** What the device said, at most 1,000 characters; null when nothing. */
  detail?: InputMaybe<Scalars['String']['input']>;
};

/** Which order the payment sheet was for. */
export type ElectricityConfirmInput = {
  /** The order's id. */
  order: Scalars['ID']['input'];
};

/** A decision on what somebody else proposed. */
export type ElectricityDecideInput = {
  /** The proposal's id. */
  proposal: Scalars['ID']['input'];
  /** True: do it; false: do not. */
  approve: Scalars['Boolean']['input'];
  /** Why 说明, for the record: up to 200 characters. */
  reason: Scalars['String']['input'];
};

/** What is to become of a purchase of electricity, and why. */
export type ElectricityProposeInput = {
  /** Made by the caller, unique for this intent, and kept across retries: 8 to 64 letters, digits, or . _ : - ; a UUID is fine. The same id again gives the same result; with other contents it is `IdempotencyConflict`. */
  id: Scalars['ID']['input'];
  /** The order's id. */
  order: Scalars['ID']['input'];
  /** What to do 处理方式. */
  kind: ProposalKind;
  /** Of ASSIGN and MOVE: to which room 宿舍. */
  toRoom?: InputMaybe<Scalars['ID']['input']>;
  /** Of MOVE: how much energy 电量. */
  energy?: InputMaybe<Scalars['Kwh']['input']>;
  /** Why 原因, for the record: up to 200 characters. */
  reason: Scalars['String']['input'];
};

/** What a person chooses on the screen 缴电费. */
export type ElectricityPurchaseInput = {
  /** Made by the caller, unique for this intent, and kept across retries: 8 to 64 letters, digits, or . _ : - ; a UUID is fine. The same id again gives the same result; with other contents it is `IdempotencyConflict`. */
  id: Scalars['ID']['input'];
  /** For which room 宿舍; any room of the school. */
  room: Scalars['ID']['input'];
  /** How much 金额. Zero, negative, or outside the policy is the refusal `AmountInvalid`. */
  amount: Scalars['Money']['input'];
  /** How it is paid 支付方式. */
  method?: PayMethod;
  /** A word for the record 备注, up to 200 characters. */
  note?: InputMaybe<Scalars['String']['input']>;
};

/** What a counselor chooses: which rooms, and how much for each. */
export type ElectricityPurchaseManyInput = {
  /** Made by the caller, unique for this intent, and kept across retries: 8 to 64 letters, digits, or . _ : - ; a UUID is fine. The same id again gives the same result; with other contents it is `IdempotencyConflict`. */
  id: Scalars['ID']['input'];
  /** For which rooms 宿舍 of their classes, each once: 1 to 50. */
  rooms: Array<Scalars['ID']['input']>;
  /** How much for each 每间金额, from the card account. */
  amount: Scalars['Money']['input'];
  /** A word for the record 备注, up to 200 characters. */
  note?: InputMaybe<Scalars['String']['input']>;
};

/** How far a purchase of electricity 缴电费 has come. */
export type ElectricityState =
  /** Ordered 已下单, to be paid from outside; no money moved. */
  | 'ORDERED'
  /** Paid 已付款; the energy is on its way. */
  | 'PAID'
  /** The meter is being written 正在写表. */
  | 'DELIVERING'
  /** The room has the energy 已送电. */
  | 'DELIVERED'
  /** The meter did not answer in time 待核对; its order counter will say. */
  | 'UNKNOWN'
  /** Not delivered; the money is going back 退款中. */
  | 'REFUNDING'
  /** Not delivered; the money is back 已退款. */
  | 'REFUNDED'
  /** Nobody paid it 已关闭. */
  | 'CLOSED'
  /** It could not be paid 支付失败. */
  | 'FAILED'
  /** The meter took the energy after the money had gone back 争议中; an operator decides. */
  | 'DISPUTED'
  /** Paid, but the room has no meter 待确认宿舍; the utility office decides. */
  | 'UNMAPPED';

/** Why an account is frozen 冻结原因. Recharging stays open whatever the reason. */
export type FreezeReason =
  /** A purchase recorded later left the balance below zero 透支; a recharge lifts it. */
  | 'OVERDRAFT'
  /** The card is reported lost 挂失. */
  | 'LOSS'
  /** The card centre froze it 卡务中心冻结. */
  | 'OPERATOR'
  /** Chip and books differ and are being examined 卡库不平. */
  | 'CHIP_MISMATCH'
  /** The campus network plan is not in order 校园网套餐异常. */
  | 'NETWORK_PLAN';

/** How far a cut for a forbidden appliance 违规断电 has come. */
export type IncidentState =
  /** The meter cut; it will light the room again by itself 已断电. */
  | 'CUT'
  /** It stays dark until a resident applies 已锁定. */
  | 'LOCKED'
  /** A resident applied; their department's office decides 待院部审批. */
  | 'APPLIED'
  /** Approved; the utility office switches on 待恢复供电. */
  | 'APPROVED'
  /** The room has power again 已恢复. */
  | 'CLOSED';

/** How long a point of usage 用电记录 is. */
export type Interval =
  /** An hour 小时. */
  | 'HOUR'
  /** A day 日, of the school's calendar. */
  | 'DAY'
  /** A calendar month 月. */
  | 'MONTH';

/** A language 语言 for sentences meant for people. */
export type Language =
  /** Chinese 中文. */
  | 'ZH'
  /** English 英文. */
  | 'EN';

/** Over which span a payment limit 消费限额 counts. */
export type LimitPeriod =
  /** One payment 单笔. */
  | 'ONCE'
  /** All payments of one accounting day 单日. */
  | 'DAY';

/** What a meter is told, and why. */
export type MeterCommandInput = {
  /** Made by the caller, unique for this intent, and kept across retries: 8 to 64 letters, digits, or . _ : - ; a UUID is fine. The same id again gives the same result; with other contents it is `IdempotencyConflict`. */
  id: Scalars['ID']['input'];
  /** The meter's id. */
  meter: Scalars['ID']['input'];
  /** What to do 操作; not CREDIT_WRITE, which orders alone do. */
  operation: MeterOperation;
  /** Why 原因, for the record: up to 200 characters. */
  reason: Scalars['String']['input'];
};

/** What a meter complains about 告警. */
export type MeterFlag =
  /** It cut a forbidden appliance off and restores itself 恶性负载断电. */
  | 'MALICIOUS_CUT'
  /** It cut again and stays off until staff restores it 恶性负载锁定. */
  | 'MALICIOUS_LOCKED'
  /** Its relay does not do what it is told 继电器故障. */
  | 'RELAY_FAULT'
  /** Its cover was opened 开盖. */
  | 'TAMPERED'
  /** Its clock battery is low 电池欠压. */
  | 'BATTERY_LOW';

/** What a meter may be told 电表操作. */
export type MeterOperation =
  /** Power off 断电. */
  | 'RELAY_OPEN'
  /** Power on 通电. */
  | 'RELAY_CLOSE'
  /** Take this energy 写入电量; orders alone do it. */
  | 'CREDIT_WRITE'
  /** Be read at once 立即抄表. */
  | 'READ_NOW';

/** What one meter said 读数, or that it said nothing. */
export type MeterReadingInput = {
  /** The meter's id. */
  meter: Scalars['ID']['input'];
  /** When, by the gateway's clock. */
  readAt: Scalars['DateTime']['input'];
  /** Did it answer? */
  heard: Scalars['Boolean']['input'];
  /** Its register 表上读数; null when not read. */
  total?: InputMaybe<Scalars['Kwh']['input']>;
  /** What is drawn now, in watts. */
  powerW?: InputMaybe<Scalars['Int']['input']>;
  /** Whether the room has power. */
  relay?: InputMaybe<Relay>;
  /** What it complains about. */
  flags?: Array<MeterFlag>;
  /** What its display shows as left; only of meters that count by themselves. */
  remaining?: InputMaybe<Scalars['Kwh']['input']>;
  /** How many purchases it has taken; only of meters that count by themselves. */
  creditCounter?: InputMaybe<Scalars['Int']['input']>;
  /** Since when it is no longer waited for in every round; null while it answers. */
  silentSince?: InputMaybe<Scalars['DateTime']['input']>;
};

/** A batch of readings. */
export type MeterReadingsRecordInput = {
  /** At most 500. */
  readings: Array<MeterReadingInput>;
};

/** Who counts the energy that was bought 计费方式. */
export type MeterWay =
  /** Our ledger 服务端计费; the meter only measures. */
  | 'SERVER_CREDIT'
  /** The meter itself 表内计费; each purchase is written to it. */
  | 'METER_CREDIT';

/** Which order the payment sheet was for. */
export type PayLinkConfirmInput = {
  /** The order's id. */
  order: Scalars['ID']['input'];
};

/** Which pay link ends. */
export type PayLinkEndInput = {
  /** The link's id. */
  link: Scalars['ID']['input'];
};

/** For whom a pay link 缴费链接 is. */
export type PayLinkMakeInput = {
  /** A word by which its maker knows it 备注名, up to 20 characters, such as 妈妈. */
  label: Scalars['String']['input'];
};

/** What somebody pays by a link 缴费链接. */
export type PayLinkPayInput = {
  /** Made by the caller, unique for this intent, and kept across retries: 8 to 64 letters, digits, or . _ : - ; a UUID is fine. The same id again gives the same result; with other contents it is `IdempotencyConflict`. */
  id: Scalars['ID']['input'];
  /** How much 金额. Zero, negative, or outside the policy is the refusal `AmountInvalid`. */
  amount: Scalars['Money']['input'];
};

/** How a person pays 支付方式. */
export type PayMethod =
  /** From the campus card account 卡账户, at once. */
  | 'CARD_ACCOUNT'
  /** WeChat Pay 微信. */
  | 'WECHAT'
  /** The bank card that is bound 绑定银行卡. */
  | 'BANK_CARD'
  /** The school's payment platform 统一支付平台. */
  | 'ONLINE_PAYMENT';

/** With what a person pays. */
export type PaymentChannel =
  /** The payment code 付款码 of the phone 手机. */
  | 'PHONE'
  /** The plastic card 实体校园卡. */
  | 'CARD';

/** What a terminal POS机 read and the cashier typed, as its gateway passes it on. */
export type PaymentCodeChargeInput = {
  /** Made by the caller, unique for this intent, and kept across retries: 8 to 64 letters, digits, or . _ : - ; a UUID is fine. The same id again gives the same result; with other contents it is `IdempotencyConflict`. A gateway makes it from the terminal, its time (DE7) and its trace number (DE11). */
  id: Scalars['ID']['input'];
  /** The payment code 付款码 as scanned. An odd one is `CodeUnknown`. */
  code: Scalars['String']['input'];
  /** What to take 消费金额. Zero and negative are the refusal `AmountInvalid`; three decimals do not parse and are an error. */
  amount: Scalars['Money']['input'];
  /** The terminal's number 终端号 (DE41). */
  terminal: Scalars['String']['input'];
  /** When it happened by the terminal's clock 交易时间. */
  occurredAt: Scalars['DateTime']['input'];
};

/** About which cut, and what the resident says. */
export type PowerRestoreApplyInput = {
  /** Made by the caller, unique for this intent, and kept across retries: 8 to 64 letters, digits, or . _ : - ; a UUID is fine. The same id again gives the same result; with other contents it is `IdempotencyConflict`. */
  id: Scalars['ID']['input'];
  /** The cut's id 违规断电. */
  incident: Scalars['ID']['input'];
  /** Which appliance it was, and that it is gone 说明: up to 500 characters. */
  statement: Scalars['String']['input'];
};

/** What is decided, and why. */
export type PowerRestoreDecideInput = {
  /** Made by the caller, unique for this intent, and kept across retries: 8 to 64 letters, digits, or . _ : - ; a UUID is fine. The same id again gives the same result; with other contents it is `IdempotencyConflict`. */
  id: Scalars['ID']['input'];
  /** The cut's id 违规断电. */
  incident: Scalars['ID']['input'];
  /** Approved 同意? False: a resident may apply anew. */
  approve: Scalars['Boolean']['input'];
  /** Why 原因, for the record and for the room: up to 200 characters. */
  reason: Scalars['String']['input'];
};

/** Which room's cut is to end, and why. */
export type PowerRestoreInput = {
  /** Made by the caller, unique for this intent, and kept across retries: 8 to 64 letters, digits, or . _ : - ; a UUID is fine. The same id again gives the same result; with other contents it is `IdempotencyConflict`. */
  id: Scalars['ID']['input'];
  /** The cut's id 违规断电. */
  incident: Scalars['ID']['input'];
  /** Why 原因, for the record: up to 200 characters. */
  reason: Scalars['String']['input'];
};

/** Why a room has power or has none 供电状态. */
export type PowerState =
  /** It has power 供电正常. */
  | 'NORMAL'
  /** Its meter saw a forbidden appliance and cut 违规断电; it comes back by itself. */
  | 'CUT'
  /** The same again: it stays dark until the department's office approved 违规锁定. */
  | 'LOCKED'
  /** Its energy is used up 电量用完. */
  | 'NO_ENERGY'
  /** The night's timetable keeps the building dark 夜间统一断电. */
  | 'NIGHT'
  /** The utility office switched it off 检修断电, or somebody did at the meter. */
  | 'SWITCHED_OFF'
  /** The meter does not answer 失联, so nobody here knows. */
  | 'UNKNOWN';

/** One step of a cut for a forbidden appliance. */
export type PowerStepKind =
  /** The meter cut 断电. */
  | 'CUT'
  /** The meter cut again and stays so 锁定. */
  | 'LOCKED'
  /** A resident applied 提交申请. */
  | 'APPLIED'
  /** The department's office approved 院部同意. */
  | 'APPROVED'
  /** The department's office did not; a resident may apply anew 院部不同意. */
  | 'REJECTED'
  /** The office that it waited for let its time pass 超时. */
  | 'OVERDUE'
  /** The utility office told the meter to let power in 下达通电. */
  | 'SWITCHED_ON'
  /** The meter says that it does 恢复供电. */
  | 'RESTORED';

/** What two persons may decide about a purchase of electricity 两人处理. */
export type ProposalKind =
  /** Give the money back 退款: the meter never answered, or the room has none. */
  | 'REFUND'
  /** Send it to the room it was meant for 改派宿舍. */
  | 'ASSIGN'
  /** Move energy that was not used to another room 转移电量. */
  | 'MOVE'
  /** End a dispute: the payer had the energy and pays 向缴费人收回. */
  | 'AGAINST_PAYER'
  /** End a dispute: the school bears it 学校核销. */
  | 'WRITE_OFF';

/** Whether a proposal is decided. */
export type ProposalState =
  /** Waiting for another person 待决定. */
  | 'OPEN'
  /** Approved and done 已同意. */
  | 'APPROVED'
  /** Rejected 已否决. */
  | 'REJECTED';

/** What became of a reading 抄表结果. */
export type ReadingOutcome =
  /** Taken 已记录. */
  | 'ACCEPTED'
  /** Known already, or older than what is known 重复. */
  | 'DUPLICATE'
  /** Not this gateway's meter, or a register that went back 已拒绝. */
  | 'REJECTED';

/** Which recharge the payment sheet was for. */
export type RechargeConfirmInput = {
  /** The recharge's id. */
  recharge: Scalars['ID']['input'];
};

/** What a person chooses on the recharge screen 卡片充值. */
export type RechargeCreateInput = {
  /** Made by the caller, unique for this intent, and kept across retries: 8 to 64 letters, digits, or . _ : - ; a UUID is fine. The same id again gives the same result; with other contents it is `IdempotencyConflict`. */
  id: Scalars['ID']['input'];
  /** How much 充值金额. Zero, negative, or outside the policy is the refusal `AmountInvalid`; three decimals do not parse and are an error. */
  amount: Scalars['Money']['input'];
  /** Into which wallet 钱包类型. */
  walletType?: WalletType;
  /** How it is paid 支付方式. */
  method?: RechargeMethod;
};

/** How a recharge is paid 支付方式. */
export type RechargeMethod =
  /** WeChat Pay 微信. */
  | 'WECHAT'
  /** The bank card that is bound 绑定银行卡; offered only where the policy lists it and a bank is connected. */
  | 'BANK_CARD'
  /** The school's payment platform 统一支付平台; offered only where the policy lists it and one is connected. */
  | 'ONLINE_PAYMENT';

/** What an operator gives back of a recharge 退款. */
export type RechargeRefundInput = {
  /** Made by the caller, unique for this intent, and kept across retries: 8 to 64 letters, digits, or . _ : - ; a UUID is fine. The same id again gives the same result; with other contents it is `IdempotencyConflict`. */
  id: Scalars['ID']['input'];
  /** The recharge's id. */
  recharge: Scalars['ID']['input'];
  /** How much 退款金额, at most what was paid, not refunded yet, and not spent. */
  amount: Scalars['Money']['input'];
  /** Why 退款原因, for the books: up to 200 characters. */
  reason: Scalars['String']['input'];
};

/** How far a recharge 充值 has come. */
export type RechargeState =
  /** Ordered 已下单, not paid yet. */
  | 'ORDERED'
  /** It is paid 已支付; the account is being credited. */
  | 'PAID'
  /** The money is in the account 已到账. */
  | 'CREDITED'
  /** Closed without payment 已关闭. */
  | 'CLOSED'
  /** Failed 失败: the payment was refused, or another amount was paid, which goes back. */
  | 'FAILED'
  /** Given back as a whole 已全额退款. */
  | 'REFUNDED'
  /** Given back in part 已部分退款. */
  | 'PARTLY_REFUNDED';

/** The steps of a recharge 充值进度. */
export type RechargeStepKind =
  /** Ordered 已下单. */
  | 'ORDERED'
  /** Paid to WeChat 已支付. */
  | 'PAID'
  /** Being written to the account 到账中. */
  | 'CREDITING'
  /** In the account 已到账. */
  | 'CREDITED'
  /** Closed without payment 已关闭. */
  | 'CLOSED'
  /** Failed 失败; no money was taken, or it goes back. */
  | 'FAILED'
  /** Given back, at least in part 已退款. */
  | 'REFUNDED';

/** Whether a meter lets power through 继电器. */
export type Relay =
  /** No power 断电. */
  | 'OPEN'
  /** Power 通电. */
  | 'CLOSED';

/** What a person is at the school 角色; it decides what they may see and do. */
export type Role =
  /** Student 学生. */
  | 'STUDENT'
  /** Counselor 辅导员; pays for others, sees the rooms of their classes. */
  | 'COUNSELOR'
  /** Operator of the card centre 卡务中心. */
  | 'OPERATOR'
  /** Staff of the water and power centre 水电中心. */
  | 'UTILITY_STAFF'
  /** The office of a department 院部办公室, which approves applications. */
  | 'DEPARTMENT_OFFICE'
  /** Merchant 商户. */
  | 'MERCHANT'
  /** Finance 财务. */
  | 'FINANCE'
  /** Auditor 审计; sees, changes nothing. */
  | 'AUDITOR';

/** Which terminal to stop or start, and why. */
export type TerminalSetStateInput = {
  /** Made by the caller, unique for this intent, and kept across retries: 8 to 64 letters, digits, or . _ : - ; a UUID is fine. The same id again gives the same result; with other contents it is `IdempotencyConflict`. */
  id: Scalars['ID']['input'];
  /** The terminal's id. */
  terminal: Scalars['ID']['input'];
  /** What it shall be. */
  state: TerminalState;
  /** Why 原因, for the record: up to 200 characters. */
  reason: Scalars['String']['input'];
};

/** Whether a terminal POS机 may take payments. */
export type TerminalState =
  /** It takes payments 使用中. */
  | 'IN_SERVICE'
  /** It is stopped 已停用; payments there are refused. */
  | 'STOPPED';

/** The terminals a gateway heard lately. */
export type TerminalsSeenInput = {
  /** Their numbers 终端号, at most 1000. */
  terminals: Array<Scalars['String']['input']>;
  /** When, by the gateway's clock. */
  at: Scalars['DateTime']['input'];
};

/** Which places are told apart. */
export type UsageBy =
  /** None: all together 合计. */
  | 'ALL'
  /** Campuses 校区. */
  | 'CAMPUS'
  /** Buildings 楼栋. */
  | 'BUILDING'
  /** Floors 楼层. */
  | 'FLOOR'
  /** Rooms 宿舍. */
  | 'ROOM';

/** Into which wallet a recharge goes 钱包类型. */
export type WalletType =
  /** Card account 卡账户: lands in the transition balance 过渡余额, later on the card. */
  | 'CARD_ACCOUNT'
  /** Electronic account 电子账户. */
  | 'ELECTRONIC';

export type BankCardLineFragment = { id: string, state: BankCardState, bankName?: string | null, lastFour?: string | null, onceLimit?: string | null, dayLimit?: string | null, boundAt?: string | null };

export type BankCardPageQueryVariables = Exact<{ [key: string]: never; }>;


export type BankCardPageQuery = { account?: { id: string } | null, bankCard?: { id: string, state: BankCardState, bankName?: string | null, lastFour?: string | null, onceLimit?: string | null, dayLimit?: string | null, boundAt?: string | null } | null };

export type BankCardBindMutationVariables = Exact<{
  language: Language;
}>;


export type BankCardBindMutation = { bankCardBind:
    | { __typename: 'BankCardBindBegun', signUrl: string }
    | { __typename: 'BankCardBound', message: string, remedy: string }
    | { __typename: 'MethodNotOffered', message: string, remedy: string }
    | { __typename: 'NotBound', message: string, remedy: string }
    | { __typename: 'TooManyAttempts', retryAfterSeconds: number, message: string, remedy: string }
    | { __typename: 'ServiceUnavailable', message: string, remedy: string }
    | { __typename: 'NotAllowed', message: string, remedy: string }
   };

export type BankCardConfirmMutationVariables = Exact<{
  language: Language;
}>;


export type BankCardConfirmMutation = { bankCardConfirm:
    | { __typename: 'BankCardConfirmed', card?: { id: string, state: BankCardState, bankName?: string | null, lastFour?: string | null, onceLimit?: string | null, dayLimit?: string | null, boundAt?: string | null } | null }
    | { __typename: 'MethodNotOffered', message: string, remedy: string }
    | { __typename: 'NotBound', message: string, remedy: string }
    | { __typename: 'ServiceUnavailable', message: string, remedy: string }
    | { __typename: 'NotAllowed', message: string, remedy: string }
   };

export type BankCardUnbindMutationVariables = Exact<{
  input: BankCardUnbindInput;
  language: Language;
}>;


export type BankCardUnbindMutation = { bankCardUnbind:
    | { __typename: 'BankCardUnbound' }
    | { __typename: 'MethodNotOffered', message: string, remedy: string }
    | { __typename: 'NotBound', message: string, remedy: string }
    | { __typename: 'ServiceUnavailable', message: string, remedy: string }
    | { __typename: 'NotAllowed', message: string, remedy: string }
   };

export type BillLineFragment = { id: string, kind: BillKind, title: string, amount: string, balanceAfter: string, occurredAt: string };

export type BillsQueryVariables = Exact<{
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
  kind?: InputMaybe<Array<BillKind> | BillKind>;
  from?: InputMaybe<Scalars['Date']['input']>;
  to?: InputMaybe<Scalars['Date']['input']>;
  language: Language;
}>;


export type BillsQuery = { account?: { id: string, bills: { edges: Array<{ node: { id: string, kind: BillKind, title: string, amount: string, balanceAfter: string, occurredAt: string } }>, pageInfo: { hasNextPage: boolean, endCursor?: string | null } } } | null };

export type MonthTotalsQueryVariables = Exact<{ [key: string]: never; }>;


export type MonthTotalsQuery = { account?: { id: string, monthTotals: Array<{ month: string, spent: string, recharged: string, count: number }> } | null };

export type BillDetailQueryVariables = Exact<{
  id: Scalars['ID']['input'];
  language: Language;
}>;


export type BillDetailQuery = { node?:
    | { __typename: 'Account' }
    | { __typename: 'Bill', recordedAt: string, late: boolean, reference: string, id: string, kind: BillKind, title: string, amount: string, balanceAfter: string, occurredAt: string, changes: { card: string, transition: string, electronic: string }, merchant?: { name: string, place?: string | null } | null, terminal?: { number: string, place?: string | null } | null, electricity?: { id: string, amount: string, energy?: string | null, method: PayMethod, room: { id: string, name: string }, payer?: { id: string, name: string } | null } | null, reverses?: { id: string } | null, reversedBy?: { id: string, occurredAt: string } | null }
    | { __typename: 'Building' }
    | { __typename: 'Campus' }
    | { __typename: 'Case' }
    | { __typename: 'DeviceCommand' }
    | { __typename: 'ElectricityOrder' }
    | { __typename: 'ElectricityProposal' }
    | { __typename: 'Merchant' }
    | { __typename: 'Meter' }
    | { __typename: 'Person' }
    | { __typename: 'PowerIncident' }
    | { __typename: 'Recharge' }
    | { __typename: 'Room' }
    | { __typename: 'Terminal' }
   | null };

export type CardBindMutationVariables = Exact<{
  input: CardBindInput;
  language: Language;
}>;


export type CardBindMutation = { cardBind:
    | { __typename: 'CardBound', person: { id: string, name: string, number: string } }
    | { __typename: 'BindMismatch', code: string, message: string, remedy: string }
    | { __typename: 'AlreadyBound', code: string, message: string, remedy: string }
    | { __typename: 'TooManyAttempts', retryAfterSeconds: number, code: string, message: string, remedy: string }
    | { __typename: 'ServiceUnavailable', code: string, message: string, remedy: string }
   };

export type RoomLineFragment = { id: string, name: string, energy?: { remaining: string, asOf: string, stale: boolean } | null };

export type ElectricityProgressFragment = { id: string, number: string, amount: string, energy?: string | null, method: PayMethod, state: ElectricityState, orderedAt: string, paidAt?: string | null, deliveredAt?: string | null, endedAt?: string | null, refunded: string, declined?: DeclineReason | null, explanation: string, remedy: string, payUrl?: string | null, room: { id: string, name: string, energy?: { remaining: string, asOf: string, stale: boolean } | null }, payment?: { appId: string, timeStamp: string, nonceStr: string, package: string, signType: string, paySign: string } | null };

export type ElectricityDeskQueryVariables = Exact<{ [key: string]: never; }>;


export type ElectricityDeskQuery = { school: { wechatBridgeUrl: string }, me?: { id: string, roles: Array<Role>, account?: { id: string, available: string } | null, room?: { id: string, name: string, energy?: { remaining: string, asOf: string, stale: boolean } | null } | null } | null, recentRooms: Array<{ id: string, name: string, energy?: { remaining: string, asOf: string, stale: boolean } | null }>, bankCard?: { id: string, state: BankCardState, bankName?: string | null, lastFour?: string | null, onceLimit?: string | null, dayLimit?: string | null, boundAt?: string | null } | null };

export type PlacesQueryVariables = Exact<{ [key: string]: never; }>;


export type PlacesQuery = { campuses: Array<{ id: string, name: string, buildings: Array<{ id: string, name: string, floors: number }> }> };

export type RoomsOfFloorQueryVariables = Exact<{
  building: Scalars['ID']['input'];
  floor: Scalars['Int']['input'];
}>;


export type RoomsOfFloorQuery = { rooms: Array<{ id: string, number: string, name: string }> };

export type ElectricityRoomQueryVariables = Exact<{
  id: Scalars['ID']['input'];
}>;


export type ElectricityRoomQuery = { room?: { id: string, name: string, meter?: { id: string } | null, energy?: { remaining: string, asOf: string, stale: boolean } | null } | null };

export type ElectricityQuoteQueryVariables = Exact<{
  room: Scalars['ID']['input'];
  amount: Scalars['Money']['input'];
}>;


export type ElectricityQuoteQuery = { electricityQuote?: { amount: string, energy: string, repays: string, methods: Array<PayMethod>, minimum: string, maximum: string, presets: Array<string>, steps: Array<{ price: string, energy: string, amount: string }> } | null };

export type ElectricityPurchaseMutationVariables = Exact<{
  input: ElectricityPurchaseInput;
  language: Language;
}>;


export type ElectricityPurchaseMutation = { electricityPurchase:
    | { __typename: 'ElectricityPurchased', replayed: boolean, order: { id: string, number: string, amount: string, energy?: string | null, method: PayMethod, state: ElectricityState, orderedAt: string, paidAt?: string | null, deliveredAt?: string | null, endedAt?: string | null, refunded: string, declined?: DeclineReason | null, explanation: string, remedy: string, payUrl?: string | null, room: { id: string, name: string, energy?: { remaining: string, asOf: string, stale: boolean } | null }, payment?: { appId: string, timeStamp: string, nonceStr: string, package: string, signType: string, paySign: string } | null } }
    | { __typename: 'RoomUnknown', code: string, message: string, remedy: string }
    | { __typename: 'RoomHasNoMeter', code: string, message: string, remedy: string }
    | { __typename: 'AmountInvalid', code: string, message: string, remedy: string }
    | { __typename: 'MethodNotOffered', code: string, message: string, remedy: string }
    | { __typename: 'BankCardNotBound', code: string, message: string, remedy: string }
    | { __typename: 'InsufficientBalance', code: string, message: string, remedy: string }
    | { __typename: 'AccountFrozen', code: string, message: string, remedy: string }
    | { __typename: 'AccountClosed', code: string, message: string, remedy: string }
    | { __typename: 'NotBound', code: string, message: string, remedy: string }
    | { __typename: 'TooManyAttempts', retryAfterSeconds: number, code: string, message: string, remedy: string }
    | { __typename: 'ServiceUnavailable', code: string, message: string, remedy: string }
    | { __typename: 'IdempotencyConflict', code: string, message: string, remedy: string }
    | { __typename: 'NotAllowed', code: string, message: string, remedy: string }
   };

export type ElectricityConfirmMutationVariables = Exact<{
  input: ElectricityConfirmInput;
  language: Language;
}>;


export type ElectricityConfirmMutation = { electricityConfirm:
    | { __typename: 'ElectricityConfirmed', order: { id: string, number: string, amount: string, energy?: string | null, method: PayMethod, state: ElectricityState, orderedAt: string, paidAt?: string | null, deliveredAt?: string | null, endedAt?: string | null, refunded: string, declined?: DeclineReason | null, explanation: string, remedy: string, payUrl?: string | null, room: { id: string, name: string, energy?: { remaining: string, asOf: string, stale: boolean } | null }, payment?: { appId: string, timeStamp: string, nonceStr: string, package: string, signType: string, paySign: string } | null } }
    | { __typename: 'OrderUnknown', code: string, message: string, remedy: string }
    | { __typename: 'ServiceUnavailable', code: string, message: string, remedy: string }
    | { __typename: 'NotAllowed', code: string, message: string, remedy: string }
   };

export type ElectricityFollowQueryVariables = Exact<{
  id: Scalars['ID']['input'];
  language: Language;
}>;


export type ElectricityFollowQuery = { school: { wechatBridgeUrl: string }, electricityOrder?: { id: string, number: string, amount: string, energy?: string | null, method: PayMethod, state: ElectricityState, orderedAt: string, paidAt?: string | null, deliveredAt?: string | null, endedAt?: string | null, refunded: string, declined?: DeclineReason | null, explanation: string, remedy: string, payUrl?: string | null, room: { id: string, name: string, energy?: { remaining: string, asOf: string, stale: boolean } | null }, payment?: { appId: string, timeStamp: string, nonceStr: string, package: string, signType: string, paySign: string } | null } | null };

export type RoomsInCareQueryVariables = Exact<{ [key: string]: never; }>;


export type RoomsInCareQuery = { me?: { id: string, account?: { id: string, available: string } | null } | null, roomsInCare: Array<{ id: string, name: string, energy?: { remaining: string, asOf: string, stale: boolean } | null }> };

export type ElectricityPurchaseManyMutationVariables = Exact<{
  input: ElectricityPurchaseManyInput;
  language: Language;
}>;


export type ElectricityPurchaseManyMutation = { electricityPurchaseMany:
    | { __typename: 'ElectricityPurchasedMany', rooms: Array<{ room?: { id: string, name: string } | null, order?: { id: string, state: ElectricityState } | null, refusal?:
          | { message: string, remedy: string }
          | { message: string, remedy: string }
          | { message: string, remedy: string }
          | { message: string, remedy: string }
          | { message: string, remedy: string }
          | { message: string, remedy: string }
          | { message: string, remedy: string }
          | { message: string, remedy: string }
          | { message: string, remedy: string }
          | { message: string, remedy: string }
          | { message: string, remedy: string }
          | { message: string, remedy: string }
          | { message: string, remedy: string }
          | { message: string, remedy: string }
          | { message: string, remedy: string }
          | { message: string, remedy: string }
          | { message: string, remedy: string }
          | { message: string, remedy: string }
          | { message: string, remedy: string }
          | { message: string, remedy: string }
          | { message: string, remedy: string }
          | { message: string, remedy: string }
          | { message: string, remedy: string }
          | { message: string, remedy: string }
          | { message: string, remedy: string }
          | { message: string, remedy: string }
          | { message: string, remedy: string }
          | { message: string, remedy: string }
          | { message: string, remedy: string }
          | { message: string, remedy: string }
          | { message: string, remedy: string }
          | { message: string, remedy: string }
          | { message: string, remedy: string }
          | { message: string, remedy: string }
          | { message: string, remedy: string }
          | { message: string, remedy: string }
          | { message: string, remedy: string }
          | { message: string, remedy: string }
         | null }> }
    | { __typename: 'NotBound', message: string, remedy: string }
    | { __typename: 'NotAllowed', message: string, remedy: string }
    | { __typename: 'TooManyAttempts', message: string, remedy: string }
    | { __typename: 'ServiceUnavailable', message: string, remedy: string }
   };

export type HomeQueryVariables = Exact<{
  language: Language;
}>;


export type HomeQuery = { school: { name: string, sandbox: boolean }, me?: { id: string, name: string, number: string, account?: { id: string, balance: string, available: string, cardBalance: string, transitionBalance: string, electronicAccount: string, held: string, obstacles: Array<{ code: string, message: string, remedy: string }>, bills: { edges: Array<{ node: { id: string, kind: BillKind, title: string, amount: string, balanceAfter: string, occurredAt: string } }> } } | null } | null };

export type ObstaclesQueryVariables = Exact<{
  amount?: InputMaybe<Scalars['Money']['input']>;
  language: Language;
}>;


export type ObstaclesQuery = { account?: { id: string, balance: string, available: string, cardBalance: string, transitionBalance: string, electronicAccount: string, held: string, phone: Array<{ code: string, message: string, remedy: string }>, card: Array<{ code: string, message: string, remedy: string }> } | null, school: { policy: { paymentLimitOnce: string, paymentLimitDay: string } } };

export type LinkedProgressFragment = { id: string, number: string, amount: string, state: ElectricityState, orderedAt: string, paidAt?: string | null, deliveredAt?: string | null, endedAt?: string | null, explanation: string, remedy: string, payment?: { appId: string, timeStamp: string, nonceStr: string, package: string, signType: string, paySign: string } | null };

export type PayLinkPageQueryVariables = Exact<{ [key: string]: never; }>;


export type PayLinkPageQuery = { school: { name: string, wechatBridgeUrl: string }, linkedRoom?: { name: string, minimum: string, maximum: string, presets: Array<string> } | null };

export type PayLinkFollowQueryVariables = Exact<{
  id: Scalars['ID']['input'];
  language: Language;
}>;


export type PayLinkFollowQuery = { school: { wechatBridgeUrl: string }, linkedOrder?: { id: string, number: string, amount: string, state: ElectricityState, orderedAt: string, paidAt?: string | null, deliveredAt?: string | null, endedAt?: string | null, explanation: string, remedy: string, payment?: { appId: string, timeStamp: string, nonceStr: string, package: string, signType: string, paySign: string } | null } | null };

export type PayLinkPayMutationVariables = Exact<{
  input: PayLinkPayInput;
  language: Language;
}>;


export type PayLinkPayMutation = { payLinkPay:
    | { __typename: 'PayLinkOrdered', replayed: boolean, order: { id: string, number: string, amount: string, state: ElectricityState, orderedAt: string, paidAt?: string | null, deliveredAt?: string | null, endedAt?: string | null, explanation: string, remedy: string, payment?: { appId: string, timeStamp: string, nonceStr: string, package: string, signType: string, paySign: string } | null } }
    | { __typename: 'LinkUnknown', code: string, message: string, remedy: string }
    | { __typename: 'RoomUnknown', code: string, message: string, remedy: string }
    | { __typename: 'RoomHasNoMeter', code: string, message: string, remedy: string }
    | { __typename: 'AmountInvalid', code: string, message: string, remedy: string }
    | { __typename: 'MethodNotOffered', code: string, message: string, remedy: string }
    | { __typename: 'TooManyAttempts', retryAfterSeconds: number, code: string, message: string, remedy: string }
    | { __typename: 'ServiceUnavailable', code: string, message: string, remedy: string }
    | { __typename: 'IdempotencyConflict', code: string, message: string, remedy: string }
    | { __typename: 'NotAllowed', code: string, message: string, remedy: string }
   };

export type PayLinkConfirmMutationVariables = Exact<{
  input: PayLinkConfirmInput;
  language: Language;
}>;


export type PayLinkConfirmMutation = { payLinkConfirm:
    | { __typename: 'PayLinkConfirmed', order: { id: string, number: string, amount: string, state: ElectricityState, orderedAt: string, paidAt?: string | null, deliveredAt?: string | null, endedAt?: string | null, explanation: string, remedy: string, payment?: { appId: string, timeStamp: string, nonceStr: string, package: string, signType: string, paySign: string } | null } }
    | { __typename: 'OrderUnknown', code: string, message: string, remedy: string }
    | { __typename: 'ServiceUnavailable', code: string, message: string, remedy: string }
    | { __typename: 'NotAllowed', code: string, message: string, remedy: string }
   };

export type PayLinkLineFragment = { id: string, label: string, url: string, expiresAt: string };

export type PayLinksQueryVariables = Exact<{ [key: string]: never; }>;


export type PayLinksQuery = { payLinks: Array<{ id: string, label: string, url: string, expiresAt: string }> };

export type PayLinkMakeMutationVariables = Exact<{
  input: PayLinkMakeInput;
  language: Language;
}>;


export type PayLinkMakeMutation = { payLinkMake:
    | { __typename: 'PayLinkMade', link: { id: string, label: string, url: string, expiresAt: string } }
    | { __typename: 'RoomUnknown', message: string, remedy: string }
    | { __typename: 'TooManyLinks', message: string, remedy: string }
    | { __typename: 'NotBound', message: string, remedy: string }
    | { __typename: 'NotAllowed', message: string, remedy: string }
   };

export type PayLinkEndMutationVariables = Exact<{
  input: PayLinkEndInput;
  language: Language;
}>;


export type PayLinkEndMutation = { payLinkEnd:
    | { __typename: 'PayLinkEnded' }
    | { __typename: 'LinkUnknown', message: string, remedy: string }
    | { __typename: 'NotBound', message: string, remedy: string }
    | { __typename: 'NotAllowed', message: string, remedy: string }
   };

export type PaidFromFragment = { id: string, available: string, balance: string, bills: { edges: Array<{ node: { id: string, kind: BillKind, title: string, amount: string, occurredAt: string, merchant?: { name: string, place?: string | null } | null } }> } };

export type PaymentCodeIssueMutationVariables = Exact<{
  language: Language;
}>;


export type PaymentCodeIssueMutation = { paymentCodeIssue:
    | { __typename: 'PaymentCodeIssued', paymentCode: { code: string, expiresAt: string, renewAt: string, serverTime: string }, account: { id: string, available: string, balance: string, bills: { edges: Array<{ node: { id: string, kind: BillKind, title: string, amount: string, occurredAt: string, merchant?: { name: string, place?: string | null } | null } }> } } }
    | { __typename: 'NotBound', code: string, message: string, remedy: string }
    | { __typename: 'AccountFrozen', code: string, message: string, remedy: string }
    | { __typename: 'AccountClosed', code: string, message: string, remedy: string }
    | { __typename: 'TooManyAttempts', retryAfterSeconds: number, code: string, message: string, remedy: string }
    | { __typename: 'ServiceUnavailable', code: string, message: string, remedy: string }
   };

export type PaymentCodeWatchQueryVariables = Exact<{ [key: string]: never; }>;


export type PaymentCodeWatchQuery = { account?: { id: string, available: string, balance: string, bills: { edges: Array<{ node: { id: string, kind: BillKind, title: string, amount: string, occurredAt: string, merchant?: { name: string, place?: string | null } | null } }> } } | null };

export type AccountChangedSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type AccountChangedSubscription = { accountChanged: { id: string, available: string, balance: string, bills: { edges: Array<{ node: { id: string, kind: BillKind, title: string, amount: string, occurredAt: string, merchant?: { name: string, place?: string | null } | null } }> } } };

export type ProfileQueryVariables = Exact<{ [key: string]: never; }>;


export type ProfileQuery = { school: { name: string, policy: { rechargeMethods: Array<RechargeMethod> } }, bankCard?: { id: string, state: BankCardState, bankName?: string | null, lastFour?: string | null, onceLimit?: string | null, dayLimit?: string | null, boundAt?: string | null } | null, me?: { id: string, name: string, number: string, roles: Array<Role>, department?: string | null, className?: string | null, boundAt?: string | null } | null };

export type RechargeProgressFragment = { id: string, amount: string, walletType: WalletType, method: RechargeMethod, state: RechargeState, outTradeNo: string, refunded: string, declined?: DeclineReason | null, payUrl?: string | null, timeline: Array<{ kind: RechargeStepKind, at?: string | null }>, bill?: { id: string, balanceAfter: string } | null, payment?: { appId: string, timeStamp: string, nonceStr: string, package: string, signType: string, paySign: string } | null };

export type RechargeDeskQueryVariables = Exact<{ [key: string]: never; }>;


export type RechargeDeskQuery = { school: { wechatBridgeUrl: string, policy: { rechargeMinimum: string, rechargeMaximum: string, rechargePresets: Array<string>, walletTypes: Array<WalletType>, defaultWalletType: WalletType, rechargeMethods: Array<RechargeMethod>, rechargeHours: { opensAt: string, closesAt: string, openNow: boolean } } }, account?: { id: string, balance: string } | null, bankCard?: { id: string, state: BankCardState, bankName?: string | null, lastFour?: string | null, onceLimit?: string | null, dayLimit?: string | null, boundAt?: string | null } | null };

export type RechargeCreateMutationVariables = Exact<{
  input: RechargeCreateInput;
  language: Language;
}>;


export type RechargeCreateMutation = { rechargeCreate:
    | { __typename: 'RechargeCreated', replayed: boolean, recharge: { id: string, amount: string, walletType: WalletType, method: RechargeMethod, state: RechargeState, outTradeNo: string, refunded: string, declined?: DeclineReason | null, payUrl?: string | null, timeline: Array<{ kind: RechargeStepKind, at?: string | null }>, bill?: { id: string, balanceAfter: string } | null, payment?: { appId: string, timeStamp: string, nonceStr: string, package: string, signType: string, paySign: string } | null } }
    | { __typename: 'AmountInvalid', minimum: string, maximum: string, code: string, message: string, remedy: string }
    | { __typename: 'OutsideServiceHours', opensAt: string, closesAt: string, code: string, message: string, remedy: string }
    | { __typename: 'WalletTypeNotOffered', code: string, message: string, remedy: string }
    | { __typename: 'MethodNotOffered', code: string, message: string, remedy: string }
    | { __typename: 'BankCardNotBound', code: string, message: string, remedy: string }
    | { __typename: 'IdempotencyConflict', code: string, message: string, remedy: string }
    | { __typename: 'NotBound', code: string, message: string, remedy: string }
    | { __typename: 'AccountClosed', code: string, message: string, remedy: string }
    | { __typename: 'TooManyAttempts', retryAfterSeconds: number, code: string, message: string, remedy: string }
    | { __typename: 'ServiceUnavailable', code: string, message: string, remedy: string }
    | { __typename: 'NotAllowed', code: string, message: string, remedy: string }
   };

export type RechargeConfirmMutationVariables = Exact<{
  input: RechargeConfirmInput;
  language: Language;
}>;


export type RechargeConfirmMutation = { rechargeConfirm:
    | { __typename: 'RechargeConfirmed', recharge: { id: string, amount: string, walletType: WalletType, method: RechargeMethod, state: RechargeState, outTradeNo: string, refunded: string, declined?: DeclineReason | null, payUrl?: string | null, timeline: Array<{ kind: RechargeStepKind, at?: string | null }>, bill?: { id: string, balanceAfter: string } | null, payment?: { appId: string, timeStamp: string, nonceStr: string, package: string, signType: string, paySign: string } | null } }
    | { __typename: 'RechargeUnknown', code: string, message: string, remedy: string }
    | { __typename: 'ServiceUnavailable', code: string, message: string, remedy: string }
   };

export type RechargeFollowQueryVariables = Exact<{
  id: Scalars['ID']['input'];
}>;


export type RechargeFollowQuery = { school: { wechatBridgeUrl: string }, recharge?: { id: string, amount: string, walletType: WalletType, method: RechargeMethod, state: RechargeState, outTradeNo: string, refunded: string, declined?: DeclineReason | null, payUrl?: string | null, timeline: Array<{ kind: RechargeStepKind, at?: string | null }>, bill?: { id: string, balanceAfter: string } | null, payment?: { appId: string, timeStamp: string, nonceStr: string, package: string, signType: string, paySign: string } | null } | null };

export type JssdkConfigQueryVariables = Exact<{
  url: Scalars['String']['input'];
}>;


export type JssdkConfigQuery = { jssdkConfig: { appId: string, timestamp: number, nonceStr: string, signature: string } };

export type RoomPageQueryVariables = Exact<{
  id: Scalars['ID']['input'];
  language: Language;
}>;


export type RoomPageQuery = { me?: { id: string, room?: { id: string } | null, stays?: Array<{ since: string }> | null } | null, room?: { daysLeft?: number | null, id: string, name: string, building: { id: string, nextNight?: { off: string, on: string } | null }, energy?: { bought?: string | null, quota?: string | null, owed: string, remaining: string, asOf: string, stale: boolean } | null, power?: { state: PowerState, explanation: string, remedy: string, restoresAt?: string | null, incident?: { id: string, watts?: number | null, mayApply: boolean, steps: Array<{ kind: PowerStepKind, at: string, note?: string | null }> } | null } | null, meter?: { id: string, number: string, state?: { readAt?: string | null, total?: string | null, powerW?: number | null, relay?: Relay | null, silentSince?: string | null } | null } | null } | null };

export type RoomUsageQueryVariables = Exact<{
  id: Scalars['ID']['input'];
  interval: Interval;
  from: Scalars['Date']['input'];
  to: Scalars['Date']['input'];
}>;


export type RoomUsageQuery = { room?: { id: string, usage?: Array<{ from: string, energy: string, complete: boolean }> | null } | null };

export type OwnUsageQueryVariables = Exact<{
  interval: Interval;
  from: Scalars['Date']['input'];
  to: Scalars['Date']['input'];
}>;


export type OwnUsageQuery = { me?: { id: string, usage?: Array<{ from: string, energy: string, complete: boolean, room?: { id: string, name: string } | null }> | null } | null };

export type RoomPurchasesQueryVariables = Exact<{
  id: Scalars['ID']['input'];
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
  language: Language;
}>;


export type RoomPurchasesQuery = { room?: { id: string, purchases: { edges: Array<{ node: { linkLabel?: string | null, id: string, number: string, amount: string, energy?: string | null, method: PayMethod, state: ElectricityState, orderedAt: string, paidAt?: string | null, deliveredAt?: string | null, endedAt?: string | null, refunded: string, declined?: DeclineReason | null, explanation: string, remedy: string, payUrl?: string | null, room: { id: string, name: string, energy?: { remaining: string, asOf: string, stale: boolean } | null }, payment?: { appId: string, timeStamp: string, nonceStr: string, package: string, signType: string, paySign: string } | null } }>, pageInfo: { hasNextPage: boolean, endCursor?: string | null } } } | null };

export type PowerRestoreApplyMutationVariables = Exact<{
  input: PowerRestoreApplyInput;
  language: Language;
}>;


export type PowerRestoreApplyMutation = { powerRestoreApply:
    | { __typename: 'PowerRestoreApplied' }
    | { __typename: 'IncidentUnknown', message: string, remedy: string }
    | { __typename: 'IncidentNotOpen', message: string, remedy: string }
    | { __typename: 'NotBound', message: string, remedy: string }
    | { __typename: 'NotAllowed', message: string, remedy: string }
    | { __typename: 'IdempotencyConflict', message: string, remedy: string }
   };

export type AlertSettingsQueryVariables = Exact<{ [key: string]: never; }>;


export type AlertSettingsQuery = { alertSubscriptions: Array<{ kind: AlertKind, on: boolean, threshold?: string | null }> };

export type AlertSetMutationVariables = Exact<{
  input: AlertSetInput;
  language: Language;
}>;


export type AlertSetMutation = { alertSet:
    | { __typename: 'AlertSet' }
    | { __typename: 'NotBound', message: string, remedy: string }
    | { __typename: 'NotAllowed', message: string, remedy: string }
   };

export type WalletsFragment = { id: string, balance: string, available: string, cardBalance: string, transitionBalance: string, electronicAccount: string, held: string };

