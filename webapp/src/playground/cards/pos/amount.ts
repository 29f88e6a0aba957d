/** The amount as it is typed on a till's keypad: yuan, at most two decimals, at most 6 digits before them. */

const TYPED = /^\d{0,6}(\.\d{0,2})?$/;

export function typeKey(amount: string, key: string): string {
  const next = amount === "0" && key !== "." ? key : amount + key;
  return TYPED.test(next) ? (next === "." ? "0." : next) : amount;
}

export function toFen(amount: string): number {
  const [whole = "", fraction = ""] = amount.split(".");
  return Number(whole || "0") * 100 + Number(fraction.padEnd(2, "0").slice(0, 2) || "0");
}
