// The desk's words for the API's names.
import type {
  CaseKind,
  CaseState,
  CommandState,
  ElectricityState,
  IncidentState,
  MeterFlag,
  MeterOperation,
  PowerStepKind,
  ProposalKind,
  ProposalState,
  RechargeState,
  Role,
  TerminalState,
  WalletType,
} from "@/graphql/generated/desk/graphql";
import type { RequestFailed } from "@/session/session";

export const RECHARGE_STATE: Record<RechargeState, { name: string; tone: string }> = {
  ORDERED: { name: "待付款", tone: "warn" },
  PAID: { name: "到账中", tone: "warn" },
  CREDITED: { name: "已到账", tone: "good" },
  CLOSED: { name: "已关闭", tone: "" },
  FAILED: { name: "没有付成", tone: "" },
  REFUNDED: { name: "已退款", tone: "" },
  PARTLY_REFUNDED: { name: "部分退款", tone: "" },
};
export const WALLET_TYPE: Record<WalletType, string> = {
  CARD_ACCOUNT: "卡账户（过渡余额）",
  ELECTRONIC: "电子账户",
};
export const CASE_KIND: Record<CaseKind, string> = {
  PAID_UNKNOWN_ORDER: "付款找不到订单",
  PAID_OTHER_AMOUNT: "付款金额不符",
  REFUND_FAILED: "退款没有成功",
  ELECTRICITY_DISPUTE: "退款后电表又收下了电",
};
export const CASE_STATE: Record<CaseState, { name: string; tone: string }> = {
  OPEN: { name: "待处理", tone: "bad" },
  REFUNDING: { name: "退款中", tone: "warn" },
  CLOSED: { name: "已了结", tone: "good" },
};
export const TERMINAL_STATE: Record<TerminalState, { name: string; tone: string }> = {
  IN_SERVICE: { name: "使用中", tone: "good" },
  STOPPED: { name: "已停用", tone: "bad" },
};
export const COMMAND_STATE: Record<CommandState, { name: string; tone: string }> = {
  PENDING: { name: "待下发", tone: "warn" },
  RECEIVED: { name: "网关已收", tone: "warn" },
  SENT: { name: "已发送", tone: "warn" },
  ACKNOWLEDGED: { name: "已应答", tone: "warn" },
  VERIFIED: { name: "已核实", tone: "good" },
  REJECTED: { name: "被拒绝", tone: "bad" },
  EXPIRED: { name: "已过期", tone: "" },
  UNKNOWN: { name: "结果未知", tone: "bad" },
};
export const METER_OPERATION: Record<MeterOperation, string> = {
  RELAY_OPEN: "断电",
  RELAY_CLOSE: "通电",
  CREDIT_WRITE: "写入电量",
  READ_NOW: "抄表",
};
export const METER_FLAG: Record<MeterFlag, string> = {
  MALICIOUS_CUT: "恶性负载断电",
  MALICIOUS_LOCKED: "恶性负载锁定",
  RELAY_FAULT: "继电器故障",
  TAMPERED: "开盖",
  BATTERY_LOW: "电池欠压",
};
export const ELECTRICITY_STATE: Record<ElectricityState, { name: string; tone: string }> = {
  ORDERED: { name: "待付款", tone: "warn" },
  PAID: { name: "正在送电", tone: "warn" },
  DELIVERING: { name: "正在写表", tone: "warn" },
  DELIVERED: { name: "已到表", tone: "good" },
  UNKNOWN: { name: "待核对", tone: "bad" },
  REFUNDING: { name: "退款中", tone: "warn" },
  REFUNDED: { name: "已退款", tone: "" },
  CLOSED: { name: "已关闭", tone: "" },
  FAILED: { name: "没有付成", tone: "" },
  DISPUTED: { name: "争议", tone: "bad" },
  UNMAPPED: { name: "没有电表", tone: "bad" },
};
export const PROPOSAL_KIND: Record<ProposalKind, string> = {
  REFUND: "退款",
  ASSIGN: "改派宿舍",
  MOVE: "转移电量",
  AGAINST_PAYER: "向缴费人收回",
  WRITE_OFF: "学校核销",
};
export const PROPOSAL_STATE: Record<ProposalState, { name: string; tone: string }> = {
  OPEN: { name: "待决定", tone: "warn" },
  APPROVED: { name: "已同意", tone: "good" },
  REJECTED: { name: "已否决", tone: "" },
};
export const INCIDENT_STATE: Record<IncidentState, { name: string; tone: string }> = {
  CUT: { name: "断电，自动恢复", tone: "warn" },
  LOCKED: { name: "已锁定，等申请", tone: "bad" },
  APPLIED: { name: "待院部审批", tone: "warn" },
  APPROVED: { name: "待恢复供电", tone: "warn" },
  CLOSED: { name: "已恢复", tone: "good" },
};
export const POWER_STEP: Record<PowerStepKind, string> = {
  CUT: "电表断电",
  LOCKED: "电表锁定",
  APPLIED: "提交申请",
  APPROVED: "院部同意",
  REJECTED: "院部不同意",
  OVERDUE: "超过时限",
  SWITCHED_ON: "下达通电",
  RESTORED: "恢复供电",
};
export const ROLE: Record<Role, string> = {
  STUDENT: "学生",
  COUNSELOR: "辅导员",
  OPERATOR: "卡务中心操作员",
  UTILITY_STAFF: "水电中心",
  DEPARTMENT_OFFICE: "院部办公室",
  MERCHANT: "商户",
  FINANCE: "财务",
  AUDITOR: "审计",
};

export function failureText(failure: RequestFailed): string {
  return {
    offline: "网络没有连上。",
    timeout: "等了很久，没有等到回应。",
    server: `系统出了点问题（${failure.code}）。`,
    limited: "点得太快了，歇一会儿再试。",
    forbidden: "没有权限。",
    login: "正在登录…",
  }[failure.reason];
}

/** 3 分钟前 · 2 小时前 · 5 天前 */
export function age(at: string, now = Date.now()): string {
  const minutes = Math.max(0, Math.floor((now - Date.parse(at)) / 60_000));
  if (minutes < 1) return "刚刚";
  if (minutes < 60) return `${minutes} 分钟前`;
  return minutes < 1440 ? `${Math.floor(minutes / 60)} 小时前` : `${Math.floor(minutes / 1440)} 天前`;
}

/** 还有 3 分钟 · 还有 2 小时 · 已到时 */
export function until(at: string, now = Date.now()): string {
  const minutes = Math.ceil((Date.parse(at) - now) / 60_000);
  if (minutes <= 0) return "已到时";
  return minutes < 60 ? `还有 ${minutes} 分钟` : `还有 ${Math.floor(minutes / 60)} 小时`;
}
