/** What the sandbox's choices and WeChat's states are called on the card. Unknown ones show as they are. */

const LABELS: Record<string, readonly [zh: string, en: string]> = {
  // knobs
  payment: ["支付", "Payment"],
  notify: ["支付通知", "Notification"],
  refund: ["退款", "Refund"],
  query: ["查单", "Order query"],
  prepay: ["下单", "Prepay"],
  answer: ["应答签名", "Answers"],
  login: ["登录", "Login"],
  token: ["凭证", "Access token"],
  // choices; "knob.choice" where a word means two things
  "payment.ok": ["直接成功", "succeeds"],
  "payment.cancel": ["用户取消", "is cancelled"],
  "payment.fail": ["失败", "fails"],
  "notify.send": ["正常发送", "sent once"],
  "notify.drop": ["丢失", "lost"],
  "notify.double": ["发两次", "sent twice"],
  "notify.tamper": ["被篡改", "tampered with"],
  "notify.late": ["迟到", "late"],
  "notify.wrong_amount": ["金额不符", "another amount"],
  "notify.unknown_order": ["未知订单", "unknown order"],
  "query.ok": ["正常", "works"],
  "query.unavailable": ["不可用", "unavailable"],
  "refund.ok": ["成功", "succeeds"],
  "refund.fail": ["失败", "fails"],
  "refund.late": ["等我处理", "waits for me"],
  "prepay.ok": ["正常", "works"],
  "prepay.unavailable": ["不可用", "unavailable"],
  "prepay.slow": ["很慢", "is slow"],
  "answer.signed": ["真签名", "signed"],
  "answer.forged": ["伪造", "forged"],
  "answer.stale": ["过期", "stale"],
  "login.member": ["成员", "a member"],
  "login.outsider": ["外部人员", "an outsider"],
  "login.snapshot": ["快照用户", "a snapshot user"],
  "token.ok": ["有效", "valid"],
  "token.expired": ["已过期", "expired"],
  // states
  NOTPAY: ["待支付", "not paid"],
  SUCCESS: ["成功", "success"],
  USERPAYING: ["支付中", "being paid"],
  PAYERROR: ["失败", "failed"],
  REVOKED: ["已撤销", "reversed"],
  CLOSED: ["已关闭", "closed"],
  REFUND: ["转入退款", "refunded"],
  PROCESSING: ["处理中", "processing"],
  ABNORMAL: ["异常", "abnormal"],
};

export function label(name: string, language: "zh" | "en"): string {
  return LABELS[name]?.[language === "zh" ? 0 : 1] ?? name;
}
