/** The states the sandbox sends, one interface per card. Amounts in fen, times as RFC 3339. */

export interface Account {
  number: string;
  name: string;
  role: string;
  queryPassword: string;
  note: string;
}

export interface About {
  school: string;
  pageUrl: string;
  accounts: Account[];
}

export type Link = "UP" | "UNPLUGGED" | "DOWN";

export interface Frame {
  n: number;
  at: string;
  direction: "OUT" | "IN" | "NOTE";
  title: string;
  hex: string;
  fields: { number: string; name: string; value: string }[];
}

export interface Terminal {
  number: string;
  merchant: string;
  place: string;
  link: Link;
  busy: boolean;
  outcome: "IDLE" | "OK" | "REFUSED" | "UNKNOWN";
  display: string[];
  voice: string;
  spoken: number;
  lastSaleFen: number | null;
  faults: Record<Fault, boolean>;
  newestFrame: number;
}

export type Fault = "dropReply" | "dropRequest" | "wrongMac";

export interface PosState {
  terminals: Terminal[];
}

export interface Order {
  outTradeNo: string;
  description: string;
  amountFen: number;
  payer: string;
  state: string;
  at: string;
  notifications: string;
  canPay: boolean;
  canNotify: boolean;
}

export interface Message {
  n: number;
  to: string;
  text: string;
  at: string;
}

export interface Refund {
  outRefundNo: string;
  outTradeNo: string;
  amountFen: number;
  state: string;
  at: string;
  byHand: boolean;
}

export interface WechatState {
  next: Record<string, string>;
  choices: Record<string, string[]>;
  orders: Order[];
  refunds: Refund[];
  inbox: Message[];
}

export type MeterFault = "silent" | "noise" | "bad_checksum" | "wrong_address" | "relay_stuck" | "drop_next_reply";

export interface MeterRoom {
  room: string;
  number: string;
}

/** Energy in Wh; the last two are null where the meter only measures. */
export interface MeterState {
  number: string;
  building: string;
  room: string;
  buildings: string[];
  power: "ON" | "OFF" | "CUT" | "LOCKED";
  powerW: number;
  totalWh: number;
  remainingWh: number | null;
  creditCount: number | null;
  plugged: boolean;
  faults: Record<MeterFault, boolean>;
}
