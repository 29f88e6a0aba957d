// Times as people say them. The school's clock is Shanghai's, wherever the phone is.
import { language } from ".";

const ZONE = "Asia/Shanghai";
const locale = () => (language.value === "en" ? "en-GB" : "zh-CN");

const format = (at: string, options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat(locale(), { timeZone: ZONE, hour12: false, ...options }).format(new Date(at));

/** "2026-11-23" of a moment, in Shanghai. */
export const dayOf = (at: string | number): string =>
  new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE }).format(new Date(at));

export const clockTime = (at: string): string => format(at, { hour: "2-digit", minute: "2-digit" });

/** 今天 12:03 · 明天 06:00 · 昨天 07:40 · 11月3日 12:03 · 2025年12月31日 12:03 */
export function dayTime(at: string, now = Date.now()): string {
  const day = dayOf(at);
  const en = language.value === "en";
  const name =
    day === dayOf(now)
      ? en ? "Today" : "今天"
      : day === dayOf(now - 86_400_000)
        ? en ? "Yesterday" : "昨天"
        : day === dayOf(now + 86_400_000)
          ? en ? "Tomorrow" : "明天"
        : format(at, {
            month: en ? "short" : "long",
            day: "numeric",
            ...(day.slice(0, 4) === dayOf(now).slice(0, 4) ? {} : { year: "numeric" }),
          });
  return `${name} ${clockTime(at)}`;
}

/** 2026年11月3日 12:03:07 */
export const fullTime = (at: string): string => {
  const day = format(at, { year: "numeric", month: language.value === "en" ? "short" : "long", day: "numeric" });
  return `${day} ${format(at, { hour: "2-digit", minute: "2-digit", second: "2-digit" })}`;
};

/** "2026-11" → 2026年11月 */
export function monthName(month: string, short = false): string {
  const [year, number] = month.split("-").map(Number) as [number, number];
  if (language.value !== "en") return short ? `${number}月` : `${year}年${number}月`;
  const name = new Intl.DateTimeFormat("en-GB", { month: "short", timeZone: "UTC" });
  return name.format(Date.UTC(year, number - 1)) + (short ? "" : ` ${year}`);
}

/** First and last day of "2026-11". */
export function monthDays(month: string): { from: string; to: string } {
  const [year, number] = month.split("-").map(Number) as [number, number];
  const last = new Date(Date.UTC(year, number, 0)).getUTCDate();
  return { from: `${month}-01`, to: `${month}-${String(last).padStart(2, "0")}` };
}
