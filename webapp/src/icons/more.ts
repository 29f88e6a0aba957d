// Line icons of the later screens; one path each, 24 × 24, drawn with round caps.
export const backIcon =
  "M15 5l-7 7 7 7";
export const nextIcon =
  "M9 5l7 7-7 7";
export const checkIcon =
  "M5 12.5l4.5 4.5L19 7.5";
export const closeIcon =
  "M6 6l12 12M18 6L6 18";
export const copyIcon =
  "M9 9h10v11H9zM5 15V4h10";
export const againIcon =
  "M20 11a8 8 0 1 0-.7 4.5M20 5v6h-6";
export const sunIcon =
  "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.4M17.6 17.6L19 19M5 19l1.4-1.4M17.6 6.4L19 5";
export const eraseIcon =
  "M8 5h13v14H8l-6-7zM12 9.5l5 5M17 9.5l-5 5";
export const wechatIcon =
  "M9 5C5.1 5 2 7.5 2 10.6c0 1.8 1 3.3 2.6 4.4L4 17l2.3-1.2c.8.3 1.7.4 2.7.4M15.5 9.5c-3.6 0-6.5 2.2-6.5 5s2.9 5 6.5 5c.8 0 1.5-.1 2.2-.3l2.3 1.1-.6-1.9c1.6-.9 2.6-2.3 2.6-3.9 0-2.8-2.9-5-6.5-5z";
