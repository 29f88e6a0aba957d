// Money on the page: strings of yuan in and out, whole fen inside. No float ever holds an amount.

const YUAN = /^(-?)(\d{1,12})(?:\.(\d{1,2}))?$/;

/** "12.3" → 1230; null where it is not an amount exact to a fen. */
export function toFen(yuan: string): number | null {
  const found = YUAN.exec(yuan);
  if (!found) return null;
  const fen = Number(found[2]) * 100 + Number((found[3] ?? "").padEnd(2, "0"));
  return found[1] && fen !== 0 ? -fen : fen;
}

/** What is being typed, "12." included, in fen; null while it is no amount. */
export const fenOfTyped = (text: string): number | null => toFen(text.replace(/\.$/, ""));

/** 1230 → "12.30", as the API wants it. */
export function fromFen(fen: number): string {
  const digits = String(Math.abs(fen)).padStart(3, "0");
  return `${fen < 0 ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** "-4233.8" → { sign: "−", whole: "4,233", cents: "80" }: for a screen that sets them in different sizes. */
export function splitYuan(yuan: string): { sign: string; whole: string; cents: string } {
  const fen = toFen(yuan);
  if (fen === null) return { sign: "", whole: yuan, cents: "" };
  const [whole = "0", cents = "00"] = fromFen(Math.abs(fen)).split(".");
  return { sign: fen < 0 ? "−" : "", whole: whole.replace(/\B(?=(\d{3})+$)/g, ","), cents };
}

/** "-4233.8" → "−4,233.80"; `signed` puts a + before what came in. */
export function showYuan(yuan: string, signed = false): string {
  const { sign, whole, cents } = splitYuan(yuan);
  const plus = signed && !sign && (toFen(yuan) ?? 0) > 0 ? "+" : "";
  return cents ? `${sign || plus}${whole}.${cents}` : whole;
}

/** What one more key makes of the amount being typed: "12." + "3" → "12.3"; the old text where it would not be an amount. */
export function typeAmount(text: string, key: string): string {
  if (key === "delete") return text.slice(0, -1);
  const next = key === "." && text === "" ? "0." : text === "0" && key !== "." ? key : text + key;
  return /^\d{1,5}(\.\d{0,2})?$/.test(next) ? next : text;
}
