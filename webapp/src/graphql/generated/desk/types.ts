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
  /** An amount of money 金额 in yuan 元 as a decimal string, exact to a fen 分: "12.30", "-5.04". As input it takes a string with at most two decimals; JSON numbers, exponents, three decimals and blanks are the caller's mistake and answered in `errors` with code BAD_USER_INPUT. Zero and negative amounts parse, and are refused by the mutation as `AmountInvalid`. */
  Money: { input: string; output: string; }
  /** A time of day in the school's time, "05:00". */
  Time: { input: string; output: string; }
};

/** A person's campus card account 校园卡账户 with its three wallets 钱包. `balance` = card + transition + electronic 三者之和; a purchase may start only while it is above 0 余额大于0才能进行消费. */
export type Account = Node & {
  /** Opaque and stable. Its prefix tells people, not programs, what it is. */
  id: Scalars['ID']['output'];
  /** The sum of the three wallets 余额 (三者之和). */
  balance: Scalars['Money']['output'];
  /** What may be spent now 可用余额: balance less what is held. */
  available: Scalars['Money']['output'];
  /** Mirrors the money on the card's chip 卡余额; taps of the card are recorded here. */
  cardBalance: Scalars['Money']['output'];
  /** What is not yet written to the card 过渡余额: phone payments and recharges are recorded here. It may be negative; only the sum of the three counts. */
  transitionBalance: Scalars['Money']['output'];
  /** Recharges of that wallet type 电子账户; never negative. */
  electronicAccount: Scalars['Money']['output'];
  /** Held for something that is still going on 预扣中, such as drawing water. */
  held: Scalars['Money']['output'];
  /** Why a payment would be refused now, each with one remedy 办法; empty when it would pass. */
  obstacles: Array<Obstacle>;
  /** 我的账单, newest first. */
  bills: BillConnection;
  /** What the last calendar months came to 月度合计, newest first; months without anything are 0.00. */
  monthTotals: Array<MonthTotal>;
  /** The recharges 充值记录 of this account, newest first. */
  recharges: RechargeConnection;
};


/** A person's campus card account 校园卡账户 with its three wallets 钱包. `balance` = card + transition + electronic 三者之和; a purchase may start only while it is above 0 余额大于0才能进行消费. */
export type AccountObstaclesArgs = {
  via?: PaymentChannel;
  amount?: InputMaybe<Scalars['Money']['input']>;
};


/** A person's campus card account 校园卡账户 with its three wallets 钱包. `balance` = card + transition + electronic 三者之和; a purchase may start only while it is above 0 余额大于0才能进行消费. */
export type AccountBillsArgs = {
  first?: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
  kind?: InputMaybe<Array<BillKind>>;
  from?: InputMaybe<Scalars['Date']['input']>;
  to?: InputMaybe<Scalars['Date']['input']>;
};


/** A person's campus card account 校园卡账户 with its three wallets 钱包. `balance` = card + transition + electronic 三者之和; a purchase may start only while it is above 0 余额大于0才能进行消费. */
export type AccountMonthTotalsArgs = {
  months?: Scalars['Int']['input'];
};


/** A person's campus card account 校园卡账户 with its three wallets 钱包. `balance` = card + transition + electronic 三者之和; a purchase may start only while it is above 0 余额大于0才能进行消费. */
export type AccountRechargesArgs = {
  first?: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};

/** The account is closed 账户已销户. */
export type AccountClosed = Refusal & {
  /** Stable name for programs, such as "INSUFFICIENT_BALANCE". */
  code: Scalars['String']['output'];
  /** What happened, and what happened to the money, for people. */
  message: Scalars['String']['output'];
  /** What a till says aloud 语音提示: Chinese, a few syllables. */
  voicePrompt: Scalars['String']['output'];
  /** What to do next 办法. */
  remedy: Scalars['String']['output'];
};


/** The account is closed 账户已销户. */
export type AccountClosedMessageArgs = {
  language?: Language;
};


/** The account is closed 账户已销户. */
export type AccountClosedRemedyArgs = {
  language?: Language;
};

/** The account is frozen 账户已冻结. */
export type AccountFrozen = Refusal & {
  /** Stable name for programs, such as "INSUFFICIENT_BALANCE". */
  code: Scalars['String']['output'];
  /** What happened, and what happened to the money, for people. */
  message: Scalars['String']['output'];
  /** What a till says aloud 语音提示: Chinese, a few syllables. */
  voicePrompt: Scalars['String']['output'];
  /** What to do next 办法. */
  remedy: Scalars['String']['output'];
  /** Every reason that holds now 冻结原因. */
  reasons: Array<FreezeReason>;
};


/** The account is frozen 账户已冻结. */
export type AccountFrozenMessageArgs = {
  language?: Language;
};


/** The account is frozen 账户已冻结. */
export type AccountFrozenRemedyArgs = {
  language?: Language;
};

/** This login or this campus card is bound already 已绑定. */
export type AlreadyBound = Refusal & {
  /** Stable name for programs, such as "INSUFFICIENT_BALANCE". */
  code: Scalars['String']['output'];
  /** What happened, and what happened to the money, for people. */
  message: Scalars['String']['output'];
  /** What a till says aloud 语音提示: Chinese, a few syllables. */
  voicePrompt: Scalars['String']['output'];
  /** What to do next 办法. */
  remedy: Scalars['String']['output'];
};


/** This login or this campus card is bound already 已绑定. */
export type AlreadyBoundMessageArgs = {
  language?: Language;
};


/** This login or this campus card is bound already 已绑定. */
export type AlreadyBoundRemedyArgs = {
  language?: Language;
};

/** The charge was already given back 已冲正; a charge is reversed once. */
export type AlreadyReversed = Refusal & {
  /** Stable name for programs, such as "INSUFFICIENT_BALANCE". */
  code: Scalars['String']['output'];
  /** What happened, and what happened to the money, for people. */
  message: Scalars['String']['output'];
  /** What a till says aloud 语音提示: Chinese, a few syllables. */
  voicePrompt: Scalars['String']['output'];
  /** What to do next 办法. */
  remedy: Scalars['String']['output'];
};


/** The charge was already given back 已冲正; a charge is reversed once. */
export type AlreadyReversedMessageArgs = {
  language?: Language;
};


/** The charge was already given back 已冲正; a charge is reversed once. */
export type AlreadyReversedRemedyArgs = {
  language?: Language;
};

/** The amount 金额 is zero, negative, or outside what is offered. */
export type AmountInvalid = Refusal & {
  /** Stable name for programs, such as "INSUFFICIENT_BALANCE". */
  code: Scalars['String']['output'];
  /** What happened, and what happened to the money, for people. */
  message: Scalars['String']['output'];
  /** What a till says aloud 语音提示: Chinese, a few syllables. */
  voicePrompt: Scalars['String']['output'];
  /** What to do next 办法. */
  remedy: Scalars['String']['output'];
  /** The smallest amount taken. */
  minimum: Scalars['Money']['output'];
  /** The largest amount taken. */
  maximum: Scalars['Money']['output'];
};


/** The amount 金额 is zero, negative, or outside what is offered. */
export type AmountInvalidMessageArgs = {
  language?: Language;
};


/** The amount 金额 is zero, negative, or outside what is offered. */
export type AmountInvalidRemedyArgs = {
  language?: Language;
};

/** One line of 我的账单: money that moved in or out of an account. A line is never changed or removed. */
export type Bill = Node & {
  /** Opaque and stable. Its prefix tells people, not programs, what it is. */
  id: Scalars['ID']['output'];
  /** What kind of line it is 类型. */
  kind: BillKind;
  /** How the person feels it 金额: a lunch is "-12.50", a recharge "50.00". */
  amount: Scalars['Money']['output'];
  /** The balance 余额 (三者之和) right after it. */
  balanceAfter: Scalars['Money']['output'];
  /** When it happened, by the till's or WeChat's clock 交易时间. */
  occurredAt: Scalars['DateTime']['output'];
  /** When it was written into the books 入账时间. */
  recordedAt: Scalars['DateTime']['output'];
  /** The accounting day 记账日 it counts for; by default it ends at 23:00. */
  accountingDay: Scalars['Date']['output'];
  /** Did it happen on an earlier accounting day than it was written 补录? */
  late: Scalars['Boolean']['output'];
  /** What to tell the counter when something is wrong 流水号: digits, short enough to read aloud. */
  reference: Scalars['String']['output'];
  /** What it did to each wallet. */
  changes: WalletChanges;
  /** What to call it in a list: the merchant's name, or what happened, such as 微信充值. */
  title: Scalars['String']['output'];
  /** Who was paid 商户; null when nobody was, as with a recharge. */
  merchant?: Maybe<Merchant>;
  /** At which terminal POS机; null when at none. */
  terminal?: Maybe<Terminal>;
  /** The bill this one undoes 被冲正的账单; null when it undoes none. */
  reverses?: Maybe<Bill>;
  /** The bill that undid this one 冲正账单; null while it stands. */
  reversedBy?: Maybe<Bill>;
};

/** A page of a history, newest first. */
export type BillConnection = {
  /** The entries of this page, newest first. */
  edges: Array<BillEdge>;
  /** Where this page lies, and how to read on. */
  pageInfo: PageInfo;
};

/** One entry of a history, with its place in it. */
export type BillEdge = {
  /** The entry itself. */
  node: Bill;
  /** Opaque; pass it as `after` to read on from here. */
  cursor: Scalars['String']['output'];
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
  | 'ADJUSTMENT';

/** How a person proves whose card it is 绑定方式. */
export type BindMethod =
  /** By student or staff number 学/工号 and query password 查询密码. */
  | 'STUDENT_OR_STAFF_NUMBER';

/** Number and query password 查询密码 do not belong together. The answer is the same for a number that does not exist, so that nobody learns who is at the school. */
export type BindMismatch = Refusal & {
  /** Stable name for programs, such as "INSUFFICIENT_BALANCE". */
  code: Scalars['String']['output'];
  /** What happened, and what happened to the money, for people. */
  message: Scalars['String']['output'];
  /** What a till says aloud 语音提示: Chinese, a few syllables. */
  voicePrompt: Scalars['String']['output'];
  /** What to do next 办法. */
  remedy: Scalars['String']['output'];
};


/** Number and query password 查询密码 do not belong together. The answer is the same for a number that does not exist, so that nobody learns who is at the school. */
export type BindMismatchMessageArgs = {
  language?: Language;
};


/** Number and query password 查询密码 do not belong together. The answer is the same for a number that does not exist, so that nobody learns who is at the school. */
export type BindMismatchRemedyArgs = {
  language?: Language;
};

/** What a person types to bind their campus card 绑定. */
export type CardBindInput = {
  /** How they prove whose card it is 绑定方式. */
  method?: BindMethod;
  /** Student or staff number 学/工号. */
  number: Scalars['String']['input'];
  /** Query password 查询密码: the last six digits of the ID number; with a final X, the six before it. */
  queryPassword: Scalars['String']['input'];
};

/** What came of binding a card 绑定. */
export type CardBindResult = CardBound | BindMismatch | AlreadyBound | TooManyAttempts | ServiceUnavailable;

/** The card is bound to this login 绑定成功. Binding one's own card again says so again. */
export type CardBound = {
  /** Who it turned out to be; the account is open. */
  person: Person;
};

/** Money that needs a look by a person 异常款项: it is in the books, but not where it belongs. */
export type Case = Node & {
  /** Opaque and stable. Its prefix tells people, not programs, what it is. */
  id: Scalars['ID']['output'];
  /** What is odd about it 异常类型. */
  kind: CaseKind;
  /** How far it has come 处理状态. */
  state: CaseState;
  /** How much money it is about 金额. */
  amount: Scalars['Money']['output'];
  /** What it is called outside, such as WeChat's transaction id 凭证号. */
  reference: Scalars['String']['output'];
  /** When it was noticed 发现时间. */
  openedAt: Scalars['DateTime']['output'];
  /** When it was settled 处理时间; null while it is open. */
  closedAt?: Maybe<Scalars['DateTime']['output']>;
  /** What happened and where the money is, in Chinese 说明. */
  explanation: Scalars['String']['output'];
};

/** A page of a history, newest first. */
export type CaseConnection = {
  /** The entries of this page, newest first. */
  edges: Array<CaseEdge>;
  /** Where this page lies, and how to read on. */
  pageInfo: PageInfo;
};

/** One entry of a history, with its place in it. */
export type CaseEdge = {
  /** The entry itself. */
  node: Case;
  /** Opaque; pass it as `after` to read on from here. */
  cursor: Scalars['String']['output'];
};

/** Why money needs a look 异常类型. */
export type CaseKind =
  /** WeChat reports a payment for an order that does not exist 订单不存在. */
  | 'PAID_UNKNOWN_ORDER'
  /** WeChat reports another amount than was ordered 金额不符. */
  | 'PAID_OTHER_AMOUNT'
  /** WeChat could not give a refund back 退款失败. */
  | 'REFUND_FAILED';

/** How far a case has come. */
export type CaseState =
  /** Waiting for a person 待处理. */
  | 'OPEN'
  /** Being refunded 退款中. */
  | 'REFUNDING'
  /** Settled 已处理. */
  | 'CLOSED';

/** The charge was refused by rule, so there is nothing to give back. No money moves. */
export type ChargeNeverPosted = {
  /** Was this id answered before? */
  replayed: Scalars['Boolean']['output'];
};

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

/** What came of a reversal 冲正. */
export type ChargeReverseResult = ChargeReversed | ReversalKept | ChargeNeverPosted | AlreadyReversed | TerminalUnknown | IdempotencyConflict | NotAllowed;

/** The charge is undone 冲正成功; the money is back in the payer's account. */
export type ChargeReversed = {
  /** The line that gives the money back. */
  bill: Bill;
  /** Was this id answered before? Then nothing more was given back. */
  replayed: Scalars['Boolean']['output'];
};

/** The reversal 冲正 of this charge arrived before it, so it will never be posted. */
export type ChargeReversedBefore = Refusal & {
  /** Stable name for programs, such as "INSUFFICIENT_BALANCE". */
  code: Scalars['String']['output'];
  /** What happened, and what happened to the money, for people. */
  message: Scalars['String']['output'];
  /** What a till says aloud 语音提示: Chinese, a few syllables. */
  voicePrompt: Scalars['String']['output'];
  /** What to do next 办法. */
  remedy: Scalars['String']['output'];
};


/** The reversal 冲正 of this charge arrived before it, so it will never be posted. */
export type ChargeReversedBeforeMessageArgs = {
  language?: Language;
};


/** The reversal 冲正 of this charge arrived before it, so it will never be posted. */
export type ChargeReversedBeforeRemedyArgs = {
  language?: Language;
};

/** This payment code 付款码 is too old; the page shows a new one 付款码已过期. */
export type CodeExpired = Refusal & {
  /** Stable name for programs, such as "INSUFFICIENT_BALANCE". */
  code: Scalars['String']['output'];
  /** What happened, and what happened to the money, for people. */
  message: Scalars['String']['output'];
  /** What a till says aloud 语音提示: Chinese, a few syllables. */
  voicePrompt: Scalars['String']['output'];
  /** What to do next 办法. */
  remedy: Scalars['String']['output'];
};


/** This payment code 付款码 is too old; the page shows a new one 付款码已过期. */
export type CodeExpiredMessageArgs = {
  language?: Language;
};


/** This payment code 付款码 is too old; the page shows a new one 付款码已过期. */
export type CodeExpiredRemedyArgs = {
  language?: Language;
};

/** This code was shown to a door 门禁 and can no longer pay. */
export type CodeForDoors = Refusal & {
  /** Stable name for programs, such as "INSUFFICIENT_BALANCE". */
  code: Scalars['String']['output'];
  /** What happened, and what happened to the money, for people. */
  message: Scalars['String']['output'];
  /** What a till says aloud 语音提示: Chinese, a few syllables. */
  voicePrompt: Scalars['String']['output'];
  /** What to do next 办法. */
  remedy: Scalars['String']['output'];
};


/** This code was shown to a door 门禁 and can no longer pay. */
export type CodeForDoorsMessageArgs = {
  language?: Language;
};


/** This code was shown to a door 门禁 and can no longer pay. */
export type CodeForDoorsRemedyArgs = {
  language?: Language;
};

/** This payment code 付款码 was never given out, or long ago. */
export type CodeUnknown = Refusal & {
  /** Stable name for programs, such as "INSUFFICIENT_BALANCE". */
  code: Scalars['String']['output'];
  /** What happened, and what happened to the money, for people. */
  message: Scalars['String']['output'];
  /** What a till says aloud 语音提示: Chinese, a few syllables. */
  voicePrompt: Scalars['String']['output'];
  /** What to do next 办法. */
  remedy: Scalars['String']['output'];
};


/** This payment code 付款码 was never given out, or long ago. */
export type CodeUnknownMessageArgs = {
  language?: Language;
};


/** This payment code 付款码 was never given out, or long ago. */
export type CodeUnknownRemedyArgs = {
  language?: Language;
};

/** This payment code 付款码 has been used 付款码已使用; a code pays once. */
export type CodeUsed = Refusal & {
  /** Stable name for programs, such as "INSUFFICIENT_BALANCE". */
  code: Scalars['String']['output'];
  /** What happened, and what happened to the money, for people. */
  message: Scalars['String']['output'];
  /** What a till says aloud 语音提示: Chinese, a few syllables. */
  voicePrompt: Scalars['String']['output'];
  /** What to do next 办法. */
  remedy: Scalars['String']['output'];
};


/** This payment code 付款码 has been used 付款码已使用; a code pays once. */
export type CodeUsedMessageArgs = {
  language?: Language;
};


/** This payment code 付款码 has been used 付款码已使用; a code pays once. */
export type CodeUsedRemedyArgs = {
  language?: Language;
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

/** A command 指令 to a device, carried by its gateway. It exists from the moment somebody decided it, is carried out at most once, and ends in a state that says what is known about the device. */
export type DeviceCommand = Node & {
  /** Opaque and stable. Its prefix tells people, not programs, what it is. */
  id: Scalars['ID']['output'];
  /** Counts up within one gateway, without gaps; ask for what comes after the last one seen. */
  sequence: Scalars['Int']['output'];
  /** The device's number, for a terminal its 终端号. */
  device: Scalars['String']['output'];
  /** What to do: "TERMINAL_STOP" 停用 or "TERMINAL_START" 启用. */
  operation: Scalars['String']['output'];
  /** What the operation needs to know, a JSON object as text. */
  arguments: Scalars['String']['output'];
  /** When it was decided 下发时间. */
  issuedAt: Scalars['DateTime']['output'];
  /** After this it must not be carried out any more 失效时间. */
  expiresAt: Scalars['DateTime']['output'];
  /** How far it has come 状态. */
  state: CommandState;
  /** Why, in the words of whoever decided it 原因. */
  reason: Scalars['String']['output'];
};

/** What a gateway knows about a command 指令 now. */
export type DeviceCommandReportInput = {
  /** The command's id. */
  command: Scalars['ID']['input'];
  /** How far it has come; a state never goes back. */
  state: CommandState;
  /** When, by the gateway's clock. */
  at: Scalars['DateTime']['input'];
  /** What the device said; null when nothing. */
  detail?: InputMaybe<Scalars['String']['input']>;
};

/** What came of a report on a command. */
export type DeviceCommandReportResult = DeviceCommandReported | NotAllowed;

/** The report is taken. */
export type DeviceCommandReported = {
  /** The command as it is now; a report that is not ahead of it changed nothing. */
  command: DeviceCommand;
};

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

/** This id was used before with other contents. Nothing moved; a new intent needs a new id. */
export type IdempotencyConflict = Refusal & {
  /** Stable name for programs, such as "INSUFFICIENT_BALANCE". */
  code: Scalars['String']['output'];
  /** What happened, and what happened to the money, for people. */
  message: Scalars['String']['output'];
  /** What a till says aloud 语音提示: Chinese, a few syllables. */
  voicePrompt: Scalars['String']['output'];
  /** What to do next 办法. */
  remedy: Scalars['String']['output'];
};


/** This id was used before with other contents. Nothing moved; a new intent needs a new id. */
export type IdempotencyConflictMessageArgs = {
  language?: Language;
};


/** This id was used before with other contents. Nothing moved; a new intent needs a new id. */
export type IdempotencyConflictRemedyArgs = {
  language?: Language;
};

/** Not enough money 余额不足: less is available than this payment needs. */
export type InsufficientBalance = Refusal & {
  /** Stable name for programs, such as "INSUFFICIENT_BALANCE". */
  code: Scalars['String']['output'];
  /** What happened, and what happened to the money, for people. */
  message: Scalars['String']['output'];
  /** What a till says aloud 语音提示: Chinese, a few syllables. */
  voicePrompt: Scalars['String']['output'];
  /** What to do next 办法. */
  remedy: Scalars['String']['output'];
  /** What may be spent now 可用余额: balance less what is held. */
  available: Scalars['Money']['output'];
  /** What was asked for. */
  amount: Scalars['Money']['output'];
};


/** Not enough money 余额不足: less is available than this payment needs. */
export type InsufficientBalanceMessageArgs = {
  language?: Language;
};


/** Not enough money 余额不足: less is available than this payment needs. */
export type InsufficientBalanceRemedyArgs = {
  language?: Language;
};

/** What `wx.config` takes on one page, signed with the school's JSSDK ticket. */
export type JssdkConfig = {
  /** The school's corp id or app id at WeChat. */
  appId: Scalars['String']['output'];
  /** Seconds since 1970 that the signature covers. */
  timestamp: Scalars['Int']['output'];
  /** A random word that the signature covers. */
  nonceStr: Scalars['String']['output'];
  /** SHA-1 as WeChat prescribes 签名. */
  signature: Scalars['String']['output'];
};

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

/** A merchant 商户: a canteen window, a shop, a laundry. */
export type Merchant = Node & {
  /** Opaque and stable. Its prefix tells people, not programs, what it is. */
  id: Scalars['ID']['output'];
  /** What people call it 商户名称. */
  name: Scalars['String']['output'];
  /** Where it is 位置; null when nobody wrote it down. */
  place?: Maybe<Scalars['String']['output']>;
};

/** What a calendar month came to 月度合计. */
export type MonthTotal = {
  /** The month, "2026-11". */
  month: Scalars['String']['output'];
  /** Spent 支出, less what was given back. */
  spent: Scalars['Money']['output'];
  /** Recharged 充值, less what was refunded. */
  recharged: Scalars['Money']['output'];
  /** How many payments 消费笔数. */
  count: Scalars['Int']['output'];
};

/** Everything that can be done, one mutation a button or device event. Each takes one input and answers with its success or a refusal; write `... on Refusal { message remedy }` to be ready for refusals to come. */
export type Mutation = {
  /** Bind a campus card to this login 绑定. Does nothing twice, so it needs no id. */
  cardBind: CardBindResult;
  /** Order a recharge 充值下单: no money moves until WeChat says it is paid. */
  rechargeCreate: RechargeCreateResult;
  /** Say that the payment sheet closed: the server asks WeChat at once 查询支付结果. What the phone says about money is never believed, so this may be sent at any time, and twice. */
  rechargeConfirm: RechargeConfirmResult;
  /** Give this phone a fresh payment code 付款码. Each call gives another one; earlier ones live out their minute. */
  paymentCodeIssue: PaymentCodeIssueResult;
  /** Give a recharge back, all of it or a part, to where it came from 原路退款. For operators and finance. */
  rechargeRefund: RechargeRefundResult;
  /** Take a terminal out of service 停用, or back into it 启用. For operators. */
  terminalSetState: TerminalSetStateResult;
  /** Take money from whoever shows this payment code 付款码扣款. When an answer is lost, send the same id again: it gives the same receipt. An error UNAVAILABLE stored nothing and may be sent again too. For gateways. */
  paymentCodeCharge: PaymentCodeChargeResult;
  /** Take back a charge 冲正 whose answer the terminal never saw, or that the cashier cancelled. It may arrive before the charge does. For gateways. */
  chargeReverse: ChargeReverseResult;
  /** Report how far a command 指令 has come. Sending it twice does nothing twice. For its gateway. */
  deviceCommandReport: DeviceCommandReportResult;
  /** Say which terminals were heard 终端在线. For gateways; other gateways' terminals are passed over. */
  terminalsSeen: TerminalsSeenResult;
};


/** Everything that can be done, one mutation a button or device event. Each takes one input and answers with its success or a refusal; write `... on Refusal { message remedy }` to be ready for refusals to come. */
export type MutationCardBindArgs = {
  input: CardBindInput;
};


/** Everything that can be done, one mutation a button or device event. Each takes one input and answers with its success or a refusal; write `... on Refusal { message remedy }` to be ready for refusals to come. */
export type MutationRechargeCreateArgs = {
  input: RechargeCreateInput;
};


/** Everything that can be done, one mutation a button or device event. Each takes one input and answers with its success or a refusal; write `... on Refusal { message remedy }` to be ready for refusals to come. */
export type MutationRechargeConfirmArgs = {
  input: RechargeConfirmInput;
};


/** Everything that can be done, one mutation a button or device event. Each takes one input and answers with its success or a refusal; write `... on Refusal { message remedy }` to be ready for refusals to come. */
export type MutationRechargeRefundArgs = {
  input: RechargeRefundInput;
};


/** Everything that can be done, one mutation a button or device event. Each takes one input and answers with its success or a refusal; write `... on Refusal { message remedy }` to be ready for refusals to come. */
export type MutationTerminalSetStateArgs = {
  input: TerminalSetStateInput;
};


/** Everything that can be done, one mutation a button or device event. Each takes one input and answers with its success or a refusal; write `... on Refusal { message remedy }` to be ready for refusals to come. */
export type MutationPaymentCodeChargeArgs = {
  input: PaymentCodeChargeInput;
};


/** Everything that can be done, one mutation a button or device event. Each takes one input and answers with its success or a refusal; write `... on Refusal { message remedy }` to be ready for refusals to come. */
export type MutationChargeReverseArgs = {
  input: ChargeReverseInput;
};


/** Everything that can be done, one mutation a button or device event. Each takes one input and answers with its success or a refusal; write `... on Refusal { message remedy }` to be ready for refusals to come. */
export type MutationDeviceCommandReportArgs = {
  input: DeviceCommandReportInput;
};


/** Everything that can be done, one mutation a button or device event. Each takes one input and answers with its success or a refusal; write `... on Refusal { message remedy }` to be ready for refusals to come. */
export type MutationTerminalsSeenArgs = {
  input: TerminalsSeenInput;
};

/** A thing with an id of its own. Ask for it again with `node(id:)`. */
export type Node = {
  /** Opaque and stable. Its prefix tells people, not programs, what it is. */
  id: Scalars['ID']['output'];
};

/** The caller may not do this 无权限. */
export type NotAllowed = Refusal & {
  /** Stable name for programs, such as "INSUFFICIENT_BALANCE". */
  code: Scalars['String']['output'];
  /** What happened, and what happened to the money, for people. */
  message: Scalars['String']['output'];
  /** What a till says aloud 语音提示: Chinese, a few syllables. */
  voicePrompt: Scalars['String']['output'];
  /** What to do next 办法. */
  remedy: Scalars['String']['output'];
};


/** The caller may not do this 无权限. */
export type NotAllowedMessageArgs = {
  language?: Language;
};


/** The caller may not do this 无权限. */
export type NotAllowedRemedyArgs = {
  language?: Language;
};

/** No campus card is bound 未绑定 to this login yet. */
export type NotBound = Refusal & {
  /** Stable name for programs, such as "INSUFFICIENT_BALANCE". */
  code: Scalars['String']['output'];
  /** What happened, and what happened to the money, for people. */
  message: Scalars['String']['output'];
  /** What a till says aloud 语音提示: Chinese, a few syllables. */
  voicePrompt: Scalars['String']['output'];
  /** What to do next 办法. */
  remedy: Scalars['String']['output'];
};


/** No campus card is bound 未绑定 to this login yet. */
export type NotBoundMessageArgs = {
  language?: Language;
};


/** No campus card is bound 未绑定 to this login yet. */
export type NotBoundRemedyArgs = {
  language?: Language;
};

/** One reason why a payment would be refused now, with one remedy 办法. */
export type Obstacle = {
  /** Stable name for programs: the code of the refusal it would be, such as "ACCOUNT_FROZEN". */
  code: Scalars['String']['output'];
  /** What stands in the way, for people. */
  message: Scalars['String']['output'];
  /** What to do about it 办法. */
  remedy: Scalars['String']['output'];
};


/** One reason why a payment would be refused now, with one remedy 办法. */
export type ObstacleMessageArgs = {
  language?: Language;
};


/** One reason why a payment would be refused now, with one remedy 办法. */
export type ObstacleRemedyArgs = {
  language?: Language;
};

/** Outside the service hours 服务时间. */
export type OutsideServiceHours = Refusal & {
  /** Stable name for programs, such as "INSUFFICIENT_BALANCE". */
  code: Scalars['String']['output'];
  /** What happened, and what happened to the money, for people. */
  message: Scalars['String']['output'];
  /** What a till says aloud 语音提示: Chinese, a few syllables. */
  voicePrompt: Scalars['String']['output'];
  /** What to do next 办法. */
  remedy: Scalars['String']['output'];
  /** When the service opens each day. */
  opensAt: Scalars['Time']['output'];
  /** When the service closes each day. */
  closesAt: Scalars['Time']['output'];
};


/** Outside the service hours 服务时间. */
export type OutsideServiceHoursMessageArgs = {
  language?: Language;
};


/** Outside the service hours 服务时间. */
export type OutsideServiceHoursRemedyArgs = {
  language?: Language;
};

/** Where a page lies within its history. */
export type PageInfo = {
  /** Are there older entries after this page? */
  hasNextPage: Scalars['Boolean']['output'];
  /** Did this page start after a cursor, so that newer entries come before it? */
  hasPreviousPage: Scalars['Boolean']['output'];
  /** Cursor of the first entry; null on an empty page. */
  startCursor?: Maybe<Scalars['String']['output']>;
  /** Cursor of the last entry: pass it as `after` for the next page; null on an empty page. */
  endCursor?: Maybe<Scalars['String']['output']>;
};

/** With what a person pays. */
export type PaymentChannel =
  /** The payment code 付款码 of the phone 手机. */
  | 'PHONE'
  /** The plastic card 实体校园卡. */
  | 'CARD';

/** A payment code 付款码: shown to a till, it pays once, within its minute. Never store or log it. */
export type PaymentCode = {
  /** Twenty digits, shown as QR code 二维码 and bar code 条形码. */
  code: Scalars['String']['output'];
  /** From then on it is refused as expired 失效时间. */
  expiresAt: Scalars['DateTime']['output'];
  /** When the page should ask for the next one 刷新时间. */
  renewAt: Scalars['DateTime']['output'];
  /** The server's clock at the answer, so that a phone with a wrong clock counts right. */
  serverTime: Scalars['DateTime']['output'];
};

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

/** What came of a charge 扣款; final for its id. */
export type PaymentCodeChargeResult = PaymentCodeCharged | InsufficientBalance | AccountFrozen | AccountClosed | CodeUnknown | CodeExpired | CodeUsed | CodeForDoors | AmountInvalid | PaymentLimitReached | TerminalUnknown | TerminalStopped | ChargeReversedBefore | IdempotencyConflict | NotAllowed;

/** Paid 支付成功. The money has moved. */
export type PaymentCodeCharged = {
  /** The line in the payer's bill. */
  bill: Bill;
  /** What the payer may still spend 可用余额. */
  available: Scalars['Money']['output'];
  /** The payer's name, masked for the cashier's display: 张*. */
  payer: Scalars['String']['output'];
  /** What the till says aloud 语音提示: 支付成功. */
  voicePrompt: Scalars['String']['output'];
  /** Was this id answered before? Then no more money was taken. */
  replayed: Scalars['Boolean']['output'];
};

/** What came of asking for a payment code 付款码. */
export type PaymentCodeIssueResult = PaymentCodeIssued | NotBound | AccountFrozen | AccountClosed | TooManyAttempts | ServiceUnavailable;

/** A fresh payment code 付款码, and the account it pays from. */
export type PaymentCodeIssued = {
  /** The code to show to the till. */
  paymentCode: PaymentCode;
  /** The account as it is now. */
  account: Account;
};

/** A payment limit 消费限额 would be passed. */
export type PaymentLimitReached = Refusal & {
  /** Stable name for programs, such as "INSUFFICIENT_BALANCE". */
  code: Scalars['String']['output'];
  /** What happened, and what happened to the money, for people. */
  message: Scalars['String']['output'];
  /** What a till says aloud 语音提示: Chinese, a few syllables. */
  voicePrompt: Scalars['String']['output'];
  /** What to do next 办法. */
  remedy: Scalars['String']['output'];
  /** The limit 限额. */
  limit: Scalars['Money']['output'];
  /** Over which span the limit counts. */
  period: LimitPeriod;
  /** Spent within that span so far 已消费. */
  spent: Scalars['Money']['output'];
};


/** A payment limit 消费限额 would be passed. */
export type PaymentLimitReachedMessageArgs = {
  language?: Language;
};


/** A payment limit 消费限额 would be passed. */
export type PaymentLimitReachedRemedyArgs = {
  language?: Language;
};

/** Somebody of the school: a student 学生, a member of the staff 教职工. */
export type Person = Node & {
  /** Opaque and stable. Its prefix tells people, not programs, what it is. */
  id: Scalars['ID']['output'];
  /** Name 姓名. */
  name: Scalars['String']['output'];
  /** Student or staff number 学工号. */
  number: Scalars['String']['output'];
  /** What they are at the school 角色. */
  roles: Array<Role>;
  /** Department 院系; null when not recorded. */
  department?: Maybe<Scalars['String']['output']>;
  /** Class 班级; null for those who are in none. */
  className?: Maybe<Scalars['String']['output']>;
  /** When their campus card was bound to a login 绑定时间; null until then. */
  boundAt?: Maybe<Scalars['DateTime']['output']>;
  /** Their campus card account 校园卡账户; null until the card is bound, and for those who may not look at it. */
  account?: Maybe<Account>;
};

/** What this school has set 学校规则: hours, limits, what is offered. */
export type Policy = {
  /** When recharging 充值 is open 服务时间. */
  rechargeHours: ServiceHours;
  /** The smallest recharge 最低充值金额. */
  rechargeMinimum: Scalars['Money']['output'];
  /** The largest recharge 最高充值金额. */
  rechargeMaximum: Scalars['Money']['output'];
  /** The amounts offered as buttons 常用金额. */
  rechargePresets: Array<Scalars['Money']['output']>;
  /** The wallet types 钱包类型 one may recharge. */
  walletTypes: Array<WalletType>;
  /** The wallet type 钱包类型 chosen beforehand. */
  defaultWalletType: WalletType;
  /** The ways of paying 支付方式 for a recharge. */
  rechargeMethods: Array<RechargeMethod>;
  /** The most one payment may take 单笔限额. */
  paymentLimitOnce: Scalars['Money']['output'];
  /** The most all payments of a day may take 单日限额. */
  paymentLimitDay: Scalars['Money']['output'];
};

/** Everything that can be asked. What a caller may not see answers null or an error. */
export type Query = {
  /** Anything by its id; null when it does not exist or is not the caller's to see. */
  node?: Maybe<Node>;
  /** The school 学校 and its rules. Needs no login. */
  school: School;
  /** Who I am; null when I am logged in but have not bound 绑定 a campus card yet. */
  me?: Maybe<Person>;
  /** My campus card account 校园卡账户; null until a card is bound. */
  account?: Maybe<Account>;
  /** One of my recharges 充值; operators, finance and auditors may ask for anybody's. Null when it is not. */
  recharge?: Maybe<Recharge>;
  /** What `wx.config` takes on a page of ours, signed. */
  jssdkConfig: JssdkConfig;
  /** Somebody by student or staff number 学工号; null when there is nobody. For staff. */
  person?: Maybe<Person>;
  /** Money that needs a look 异常款项, newest first. For operators, finance and auditors. */
  cases: CaseConnection;
  /** The terminals POS机 by number: all of them for operators, its own for a gateway. */
  terminals: Array<Terminal>;
  /** The commands 指令 a gateway has still to carry out, oldest first, at most 200 at a time. For the gateway itself. */
  pendingCommands: Array<DeviceCommand>;
};


/** Everything that can be asked. What a caller may not see answers null or an error. */
export type QueryNodeArgs = {
  id: Scalars['ID']['input'];
};


/** Everything that can be asked. What a caller may not see answers null or an error. */
export type QueryRechargeArgs = {
  id: Scalars['ID']['input'];
};


/** Everything that can be asked. What a caller may not see answers null or an error. */
export type QueryJssdkConfigArgs = {
  url: Scalars['String']['input'];
};


/** Everything that can be asked. What a caller may not see answers null or an error. */
export type QueryPersonArgs = {
  number: Scalars['String']['input'];
};


/** Everything that can be asked. What a caller may not see answers null or an error. */
export type QueryCasesArgs = {
  first?: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
  open?: InputMaybe<Scalars['Boolean']['input']>;
};


/** Everything that can be asked. What a caller may not see answers null or an error. */
export type QueryPendingCommandsArgs = {
  afterSequence?: Scalars['Int']['input'];
};

/** A recharge 充值: money from WeChat into the account, one-way 单向. Its money is in the account when its state is CREDITED, whatever the phone says. */
export type Recharge = Node & {
  /** Opaque and stable. Its prefix tells people, not programs, what it is. */
  id: Scalars['ID']['output'];
  /** How much was ordered 充值金额. */
  amount: Scalars['Money']['output'];
  /** Into which wallet it goes 钱包类型. */
  walletType: WalletType;
  /** How it is paid 支付方式. */
  method: RechargeMethod;
  /** How far it has come 状态. */
  state: RechargeState;
  /** When it was ordered 下单时间. */
  orderedAt: Scalars['DateTime']['output'];
  /** The school's order number at WeChat 商户订单号. */
  outTradeNo: Scalars['String']['output'];
  /** How much was given back so far 已退金额. */
  refunded: Scalars['Money']['output'];
  /** 已下单 → 已支付 → 到账中 → 已到账, or how it ended otherwise; steps not reached yet have no time. */
  timeline: Array<RechargeStep>;
  /** The line of the bill that credited it 到账流水; null until it is credited. */
  bill?: Maybe<Bill>;
  /** What opens WeChat's payment sheet; null once paid or closed, and for everybody but the orderer. */
  payment?: Maybe<WechatPayment>;
  /** Whose account it recharges. For operators, finance and auditors; null for others. */
  person?: Maybe<Person>;
};

/** Which recharge the payment sheet was for. */
export type RechargeConfirmInput = {
  /** The recharge's id. */
  recharge: Scalars['ID']['input'];
};

/** What WeChat said about a recharge 查询结果. */
export type RechargeConfirmResult = RechargeConfirmed | RechargeUnknown | ServiceUnavailable;

/** WeChat was asked; the recharge is as it says. Its `state` tells whether money came. */
export type RechargeConfirmed = {
  /** The recharge as it is now. */
  recharge: Recharge;
};

/** A page of a history, newest first. */
export type RechargeConnection = {
  /** The entries of this page, newest first. */
  edges: Array<RechargeEdge>;
  /** Where this page lies, and how to read on. */
  pageInfo: PageInfo;
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

/** What came of ordering a recharge 充值下单. */
export type RechargeCreateResult = RechargeCreated | AmountInvalid | OutsideServiceHours | WalletTypeNotOffered | IdempotencyConflict | NotBound | AccountClosed | ServiceUnavailable | NotAllowed;

/** The order is made 已下单 and waits for payment. No money has moved yet. */
export type RechargeCreated = {
  /** The order; its `payment` opens WeChat's payment sheet. */
  recharge: Recharge;
  /** Was this id answered before? Then this is the same order again. */
  replayed: Scalars['Boolean']['output'];
};

/** One entry of a history, with its place in it. */
export type RechargeEdge = {
  /** The entry itself. */
  node: Recharge;
  /** Opaque; pass it as `after` to read on from here. */
  cursor: Scalars['String']['output'];
};

/** How a recharge is paid 支付方式. */
export type RechargeMethod =
  /** WeChat Pay 微信. */
  | 'WECHAT'
  /** A bank card bound to the account 绑定银行卡; offered only where the policy lists it. */
  | 'BANK_CARD';

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

/** What came of a refund 退款. */
export type RechargeRefundResult = RechargeRefunded | RefundTooLarge | RechargeUnknown | AmountInvalid | IdempotencyConflict | NotAllowed | ServiceUnavailable;

/** The money is set aside and WeChat is asked to give it back 退款中; that can take days. */
export type RechargeRefunded = {
  /** The recharge as it is now. */
  recharge: Recharge;
  /** Was this id answered before? Then nothing more was set aside. */
  replayed: Scalars['Boolean']['output'];
};

/** How far a recharge 充值 has come. */
export type RechargeState =
  /** Ordered 已下单, not paid yet. */
  | 'ORDERED'
  /** WeChat says it is paid 已支付; the account is being credited. */
  | 'PAID'
  /** The money is in the account 已到账. */
  | 'CREDITED'
  /** Closed without payment 已关闭. */
  | 'CLOSED'
  /** Failed 失败. */
  | 'FAILED'
  /** Given back as a whole 已全额退款. */
  | 'REFUNDED'
  /** Given back in part 已部分退款. */
  | 'PARTLY_REFUNDED';

/** One step on the way of a recharge 充值进度. */
export type RechargeStep = {
  /** Which step. */
  kind: RechargeStepKind;
  /** When it was reached; null while it is not. */
  at?: Maybe<Scalars['DateTime']['output']>;
};

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

/** No such recharge 充值订单, or not one the caller may touch. */
export type RechargeUnknown = Refusal & {
  /** Stable name for programs, such as "INSUFFICIENT_BALANCE". */
  code: Scalars['String']['output'];
  /** What happened, and what happened to the money, for people. */
  message: Scalars['String']['output'];
  /** What a till says aloud 语音提示: Chinese, a few syllables. */
  voicePrompt: Scalars['String']['output'];
  /** What to do next 办法. */
  remedy: Scalars['String']['output'];
};


/** No such recharge 充值订单, or not one the caller may touch. */
export type RechargeUnknownMessageArgs = {
  language?: Language;
};


/** No such recharge 充值订单, or not one the caller may touch. */
export type RechargeUnknownRemedyArgs = {
  language?: Language;
};

/** More is asked back than can be refunded 退款. */
export type RefundTooLarge = Refusal & {
  /** Stable name for programs, such as "INSUFFICIENT_BALANCE". */
  code: Scalars['String']['output'];
  /** What happened, and what happened to the money, for people. */
  message: Scalars['String']['output'];
  /** What a till says aloud 语音提示: Chinese, a few syllables. */
  voicePrompt: Scalars['String']['output'];
  /** What to do next 办法. */
  remedy: Scalars['String']['output'];
  /** The most that can be refunded now 可退金额. */
  refundable: Scalars['Money']['output'];
};


/** More is asked back than can be refunded 退款. */
export type RefundTooLargeMessageArgs = {
  language?: Language;
};


/** More is asked back than can be refunded 退款. */
export type RefundTooLargeRemedyArgs = {
  language?: Language;
};

/** A refusal 拒绝 by rule. Nothing moved unless the message says so, and it is final for the caller's id: to try again, make a new id. (`ServiceUnavailable` is the one exception.) */
export type Refusal = {
  /** Stable name for programs, such as "INSUFFICIENT_BALANCE". */
  code: Scalars['String']['output'];
  /** What happened, and what happened to the money, for people. */
  message: Scalars['String']['output'];
  /** What a till says aloud 语音提示: Chinese, a few syllables. */
  voicePrompt: Scalars['String']['output'];
  /** What to do next 办法. */
  remedy: Scalars['String']['output'];
};


/** A refusal 拒绝 by rule. Nothing moved unless the message says so, and it is final for the caller's id: to try again, make a new id. (`ServiceUnavailable` is the one exception.) */
export type RefusalMessageArgs = {
  language?: Language;
};


/** A refusal 拒绝 by rule. Nothing moved unless the message says so, and it is final for the caller's id: to try again, make a new id. (`ServiceUnavailable` is the one exception.) */
export type RefusalRemedyArgs = {
  language?: Language;
};

/** The charge has not come yet; if it still comes it will be refused. No money moves. */
export type ReversalKept = {
  /** Was this id answered before? */
  replayed: Scalars['Boolean']['output'];
};

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
  /** Merchant 商户. */
  | 'MERCHANT'
  /** Finance 财务. */
  | 'FINANCE'
  /** Auditor 审计; sees, changes nothing. */
  | 'AUDITOR';

/** The school 学校 this installation belongs to. Everybody may read it. */
export type School = {
  /** Its name 学校名称. */
  name: Scalars['String']['output'];
  /** What it has set 规则. */
  policy: Policy;
  /** Is this a pretend campus 演示环境, with invented people and money? */
  sandbox: Scalars['Boolean']['output'];
  /** Where the page loads WeChat's script jweixin.js from; in a pretend campus it is a pretend one. */
  wechatBridgeUrl: Scalars['String']['output'];
};

/** When a service is open 服务时间, in the school's time. */
export type ServiceHours = {
  /** When it opens each day. */
  opensAt: Scalars['Time']['output'];
  /** When it closes each day. */
  closesAt: Scalars['Time']['output'];
  /** Is it open at this moment? */
  openNow: Scalars['Boolean']['output'];
};

/** A part of the service does not answer now 服务暂不可用. Unlike every other refusal this one is not stored: send the same id again. */
export type ServiceUnavailable = Refusal & {
  /** Stable name for programs, such as "INSUFFICIENT_BALANCE". */
  code: Scalars['String']['output'];
  /** What happened, and what happened to the money, for people. */
  message: Scalars['String']['output'];
  /** What a till says aloud 语音提示: Chinese, a few syllables. */
  voicePrompt: Scalars['String']['output'];
  /** What to do next 办法. */
  remedy: Scalars['String']['output'];
};


/** A part of the service does not answer now 服务暂不可用. Unlike every other refusal this one is not stored: send the same id again. */
export type ServiceUnavailableMessageArgs = {
  language?: Language;
};


/** A part of the service does not answer now 服务暂不可用. Unlike every other refusal this one is not stored: send the same id again. */
export type ServiceUnavailableRemedyArgs = {
  language?: Language;
};

/** What is told as it happens, over the WebSocket (graphql-transport-ws). */
export type Subscription = {
  /** My account, at once and after every change, however it came about 账户变动. */
  accountChanged: Account;
  /** The commands 指令 for a gateway's devices: first those it has not seen, then each as it is decided. */
  deviceCommands: DeviceCommand;
};


/** What is told as it happens, over the WebSocket (graphql-transport-ws). */
export type SubscriptionDeviceCommandsArgs = {
  afterSequence?: Scalars['Int']['input'];
};

/** A terminal POS机, at which people pay. */
export type Terminal = Node & {
  /** Opaque and stable. Its prefix tells people, not programs, what it is. */
  id: Scalars['ID']['output'];
  /** The number 终端号 it calls itself by, eight digits (ISO 8583 DE41). */
  number: Scalars['String']['output'];
  /** Where it stands 位置; null when nobody wrote it down. */
  place?: Maybe<Scalars['String']['output']>;
  /** Whether it may take payments 状态. */
  state: TerminalState;
  /** When its gateway last heard it 最近在线; null when never, and for callers other than operators and its own gateway. */
  lastSeenAt?: Maybe<Scalars['DateTime']['output']>;
  /** Whose till it is 所属商户. */
  merchant: Merchant;
};

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

/** What came of stopping or starting a terminal. */
export type TerminalSetStateResult = TerminalStateSet | TerminalUnknown | NotAllowed | IdempotencyConflict;

/** Whether a terminal POS机 may take payments. */
export type TerminalState =
  /** It takes payments 使用中. */
  | 'IN_SERVICE'
  /** It is stopped 已停用; payments there are refused. */
  | 'STOPPED';

/** The school has decided so: charges follow it at once, and its gateway is told by a command. */
export type TerminalStateSet = {
  /** The terminal as it is now. */
  terminal: Terminal;
  /** The command that tells the device; watch its `state`. */
  command: DeviceCommand;
  /** Was this id answered before? */
  replayed: Scalars['Boolean']['output'];
};

/** This terminal POS机 is out of service 已停用. */
export type TerminalStopped = Refusal & {
  /** Stable name for programs, such as "INSUFFICIENT_BALANCE". */
  code: Scalars['String']['output'];
  /** What happened, and what happened to the money, for people. */
  message: Scalars['String']['output'];
  /** What a till says aloud 语音提示: Chinese, a few syllables. */
  voicePrompt: Scalars['String']['output'];
  /** What to do next 办法. */
  remedy: Scalars['String']['output'];
};


/** This terminal POS机 is out of service 已停用. */
export type TerminalStoppedMessageArgs = {
  language?: Language;
};


/** This terminal POS机 is out of service 已停用. */
export type TerminalStoppedRemedyArgs = {
  language?: Language;
};

/** No such terminal POS机, or not one of the caller's. */
export type TerminalUnknown = Refusal & {
  /** Stable name for programs, such as "INSUFFICIENT_BALANCE". */
  code: Scalars['String']['output'];
  /** What happened, and what happened to the money, for people. */
  message: Scalars['String']['output'];
  /** What a till says aloud 语音提示: Chinese, a few syllables. */
  voicePrompt: Scalars['String']['output'];
  /** What to do next 办法. */
  remedy: Scalars['String']['output'];
};


/** No such terminal POS机, or not one of the caller's. */
export type TerminalUnknownMessageArgs = {
  language?: Language;
};


/** No such terminal POS机, or not one of the caller's. */
export type TerminalUnknownRemedyArgs = {
  language?: Language;
};

/** The terminals are marked as seen. */
export type TerminalsRecorded = {
  /** How many of them are this gateway's own and were marked. */
  count: Scalars['Int']['output'];
};

/** The terminals a gateway heard lately. */
export type TerminalsSeenInput = {
  /** Their numbers 终端号, at most 1000. */
  terminals: Array<Scalars['String']['input']>;
  /** When, by the gateway's clock. */
  at: Scalars['DateTime']['input'];
};

/** What came of saying which terminals were heard. */
export type TerminalsSeenResult = TerminalsRecorded | NotAllowed;

/** Too many attempts 尝试次数过多; wait and try again. */
export type TooManyAttempts = Refusal & {
  /** Stable name for programs, such as "INSUFFICIENT_BALANCE". */
  code: Scalars['String']['output'];
  /** What happened, and what happened to the money, for people. */
  message: Scalars['String']['output'];
  /** What a till says aloud 语音提示: Chinese, a few syllables. */
  voicePrompt: Scalars['String']['output'];
  /** What to do next 办法. */
  remedy: Scalars['String']['output'];
  /** How long to wait, in seconds. */
  retryAfterSeconds: Scalars['Int']['output'];
};


/** Too many attempts 尝试次数过多; wait and try again. */
export type TooManyAttemptsMessageArgs = {
  language?: Language;
};


/** Too many attempts 尝试次数过多; wait and try again. */
export type TooManyAttemptsRemedyArgs = {
  language?: Language;
};

/** What one bill did to each of the three wallets, signed; 0.00 where it did nothing. */
export type WalletChanges = {
  /** Change of the card balance 卡余额. */
  card: Scalars['Money']['output'];
  /** Change of the transition balance 过渡余额. */
  transition: Scalars['Money']['output'];
  /** Change of the electronic account 电子账户. */
  electronic: Scalars['Money']['output'];
};

/** Into which wallet a recharge goes 钱包类型. */
export type WalletType =
  /** Card account 卡账户: lands in the transition balance 过渡余额, later on the card. */
  | 'CARD_ACCOUNT'
  /** Electronic account 电子账户. */
  | 'ELECTRONIC';

/** This wallet type 钱包类型 or way of paying 支付方式 is not offered. */
export type WalletTypeNotOffered = Refusal & {
  /** Stable name for programs, such as "INSUFFICIENT_BALANCE". */
  code: Scalars['String']['output'];
  /** What happened, and what happened to the money, for people. */
  message: Scalars['String']['output'];
  /** What a till says aloud 语音提示: Chinese, a few syllables. */
  voicePrompt: Scalars['String']['output'];
  /** What to do next 办法. */
  remedy: Scalars['String']['output'];
};


/** This wallet type 钱包类型 or way of paying 支付方式 is not offered. */
export type WalletTypeNotOfferedMessageArgs = {
  language?: Language;
};


/** This wallet type 钱包类型 or way of paying 支付方式 is not offered. */
export type WalletTypeNotOfferedRemedyArgs = {
  language?: Language;
};

/** What WeChat's payment sheet takes (WeixinJSBridge getBrandWCPayRequest, ww.chooseWXPay), signed by the school. Valid for one order. */
export type WechatPayment = {
  /** The school's app at WeChat. */
  appId: Scalars['String']['output'];
  /** Seconds since 1970, as text, as WeChat wants it. */
  timeStamp: Scalars['String']['output'];
  /** A random word that the signature covers. */
  nonceStr: Scalars['String']['output'];
  /** "prepay_id=…": which prepared payment 预支付 it is. */
  package: Scalars['String']['output'];
  /** How it is signed: "RSA". */
  signType: Scalars['String']['output'];
  /** The signature 签名. */
  paySign: Scalars['String']['output'];
};

export type DeskMeQueryVariables = Exact<{ [key: string]: never; }>;


export type DeskMeQuery = { school: { name: string, sandbox: boolean }, me?: { id: string, name: string, number: string, roles: Array<Role> } | null };

export type DeskRechargeFragment = { id: string, amount: string, walletType: WalletType, state: RechargeState, orderedAt: string, outTradeNo: string, refunded: string };

export type DeskPersonQueryVariables = Exact<{
  number: Scalars['String']['input'];
}>;


export type DeskPersonQuery = { person?: { id: string, name: string, number: string, roles: Array<Role>, department?: string | null, className?: string | null, boundAt?: string | null, account?: { id: string, balance: string, available: string, cardBalance: string, transitionBalance: string, electronicAccount: string, held: string, obstacles: Array<{ code: string, message: string, remedy: string }>, bills: { edges: Array<{ node: { id: string, kind: BillKind, title: string, amount: string, balanceAfter: string, occurredAt: string, reference: string, changes: { card: string, transition: string, electronic: string }, terminal?: { number: string, place?: string | null } | null, reversedBy?: { id: string } | null } }>, pageInfo: { hasNextPage: boolean } }, recharges: { edges: Array<{ node: { id: string, amount: string, walletType: WalletType, state: RechargeState, orderedAt: string, outTradeNo: string, refunded: string } }> } } | null } | null };

export type RechargeRefundMutationVariables = Exact<{
  input: RechargeRefundInput;
}>;


export type RechargeRefundMutation = { rechargeRefund:
    | { __typename: 'RechargeRefunded', replayed: boolean, recharge: { id: string, amount: string, walletType: WalletType, state: RechargeState, orderedAt: string, outTradeNo: string, refunded: string } }
    | { __typename: 'RefundTooLarge', refundable: string, code: string, message: string, remedy: string }
    | { __typename: 'RechargeUnknown', code: string, message: string, remedy: string }
    | { __typename: 'AmountInvalid', code: string, message: string, remedy: string }
    | { __typename: 'IdempotencyConflict', code: string, message: string, remedy: string }
    | { __typename: 'NotAllowed', code: string, message: string, remedy: string }
    | { __typename: 'ServiceUnavailable', code: string, message: string, remedy: string }
   };

export type DeskCasesQueryVariables = Exact<{
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
  open?: InputMaybe<Scalars['Boolean']['input']>;
}>;


export type DeskCasesQuery = { cases: { edges: Array<{ node: { id: string, kind: CaseKind, state: CaseState, amount: string, reference: string, openedAt: string, closedAt?: string | null, explanation: string } }>, pageInfo: { hasNextPage: boolean, endCursor?: string | null } } };

export type DeskTerminalsQueryVariables = Exact<{ [key: string]: never; }>;


export type DeskTerminalsQuery = { terminals: Array<{ id: string, number: string, place?: string | null, state: TerminalState, lastSeenAt?: string | null, merchant: { id: string, name: string, place?: string | null } }> };

export type TerminalSetStateMutationVariables = Exact<{
  input: TerminalSetStateInput;
}>;


export type TerminalSetStateMutation = { terminalSetState:
    | { __typename: 'TerminalStateSet', replayed: boolean, terminal: { id: string, state: TerminalState }, command: { id: string, state: CommandState } }
    | { __typename: 'TerminalUnknown', code: string, message: string, remedy: string }
    | { __typename: 'NotAllowed', code: string, message: string, remedy: string }
    | { __typename: 'IdempotencyConflict', code: string, message: string, remedy: string }
   };

