import { dictionary } from ".";

/** Words that many screens share, and what a failure is called. */
export const zh = {
  back: "返回",
  retry: "再试一次",
  close: "关闭",
  offline: "没有网络。看到的是上次的内容。",
  lost: "网络没有连上，这一页打不开。等一会儿再点。",
  fail_offline: "网络没有连上。",
  fail_timeout: "等了很久，没有等到回应。",
  fail_server: "系统出了点问题，我们会尽快修好。",
  fail_limited: "点得太快了，歇一会儿再试。",
  fail_forbidden: "没有权限查看。",
  fail_login: "正在登录…",
  stuck: "没有登录成功。请回到企业微信，重新打开校园一卡通。",
  stuck_again: "再登录一次",
  wait: "{time} 后可以再试。",
  minutes: "{n} 分钟",
  seconds: "{n} 秒",
  yuan: "元",
  card: "卡余额",
  transition: "过渡余额",
  electronic: "电子账户",
  balance: "余额",
  available: "可用余额",
  held: "预扣中",
  chip_load: "转到卡里，总额不变",
};
export const t = dictionary("common", zh);
