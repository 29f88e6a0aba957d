import type { BankCardLineFragment } from "@/graphql/generated/page/graphql";
import { dictionary } from "@/i18n";

/** Ways of paying as the screens call them. */
export const zh = {
  title: "支付方式",
  CARD_ACCOUNT: "卡账户",
  BANK_CARD: "银行卡",
  WECHAT: "微信",
  ONLINE_PAYMENT: "在线支付",
  platform: "统一支付平台",
  available: "可用 {amount} 元",
  too_little: "余额不够，换一种支付方式，或先充值。",
  card: "{bank} 尾号 {last}",
  limits: "银行卡 · 单笔 {once} 元、每日 {day} 元以内",
  at_once: "点确认后，马上从{card} 扣款。",
  unbound: "未绑定",
  bind: "去绑定",
  bind_again: "重新绑定银行卡",
  signing: "签约未完成",
};
export const t = dictionary("method", zh);

/** 工商银行 尾号 0001; null where none is bound. */
export const cardName = (card?: BankCardLineFragment | null): string | null =>
  card?.state === "BOUND" ? t("card", { bank: card.bankName ?? "", last: card.lastFour ?? "" }) : null;
