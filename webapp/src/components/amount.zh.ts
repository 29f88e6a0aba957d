export const zh = {
  amount: "金额",
  placeholder: "输入金额",
  between: "每次 {minimum}–{maximum} 元",
  pad: "数字键盘",
  delete: "删除",
  hide: "收起",
  confirm: "确认",
};
