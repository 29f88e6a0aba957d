// Line icons of the first screen; one path each, 24 × 24, drawn with round caps.
export const codeIcon =
  "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2v2h-2zM20 14v2M18 18h2v2M14 20h2";
export const rechargeIcon =
  "M3 8a2 2 0 0 1 2-2h14a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2zM12 9.5v6M9 12.5h6";
export const powerIcon =
  "M13 2L5 13.5h6L10 22l8.5-12h-6z";
export const billsIcon =
  "M6 3h12v18l-3-2-3 2-3-2-3 2zM9 8h6M9 12h6";
export const queryIcon =
  "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l4.5 4.5M11 8.5v5M8.5 11h5";
export const personIcon =
  "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.5 20c.8-3.6 3.8-5.5 7.5-5.5s6.7 1.9 7.5 5.5";
export const infoIcon =
  "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 11v5M12 8v.01";
export const alertIcon =
  "M12 4L2.8 19.5h18.4zM12 10v4.5M12 17v.01";
export const mealIcon =
  "M7 3v7a2 2 0 0 0 4 0V3M9 12v9M17 3c-2 1-2.5 4-2.5 6s1 3 2.5 3zM17 12v9";
export const undoIcon =
  "M8 5L4 9l4 4M4 9h10a6 6 0 0 1 0 12h-3";
