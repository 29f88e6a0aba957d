// What a chart of usage shows: which days it asks for, and what each bar is called.
import type { Interval } from "@/graphql/generated/page/graphql";
import { toWh } from "@/components/kwh";
import { language } from "@/i18n";
import { dayOf, monthName } from "@/i18n/times";

const DAY_MS = 86_400_000;

/** First and last day, in the school's time, of what is shown for an interval. */
export function span(interval: Interval, now = Date.now()): { from: string; to: string } {
  const to = dayOf(now);
  if (interval === "HOUR") return { from: to, to };
  if (interval === "DAY") return { from: dayOf(now - 29 * DAY_MS), to };
  const [year, month] = to.split("-").map(Number) as [number, number];
  const first = new Date(Date.UTC(year, month - 12, 1));
  return { from: first.toISOString().slice(0, 10), to };
}

/** "21:00" · 11月3日 · 2026年11月 of the moment a bar begins. */
export function barName(from: string, interval: Interval): string {
  if (interval === "HOUR")
    return new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit" }).format(new Date(from));
  if (interval === "MONTH") return monthName(dayOf(from).slice(0, 7));
  const format = { timeZone: "Asia/Shanghai", month: language.value === "en" ? "short" : "long", day: "numeric" } as const;
  return new Intl.DateTimeFormat(language.value === "en" ? "en-GB" : "zh-CN", format).format(new Date(from));
}

export interface Bar {
  from: string;
  energy: string;
  complete: boolean;
  /** Where it was, where that is not one room for all bars. */
  rooms?: string;
}

/** One bar for each time, whatever rooms it was used in. */
export function together(points: readonly (Omit<Bar, "rooms"> & { room?: { name: string } | null })[]): Bar[] {
  const bars = new Map<string, Bar>();
  for (const { from, energy, complete, room } of points) {
    const name = room?.name ?? "";
    const known = bars.get(from);
    if (!known) {
      bars.set(from, { from, energy, complete, rooms: name });
      continue;
    }
    const wh = (toWh(known.energy) ?? 0) + (toWh(energy) ?? 0);
    known.energy = (wh / 1000).toFixed(3);
    known.complete &&= complete;
    known.rooms = [known.rooms, name].filter(Boolean).join("、");
  }
  return [...bars.values()];
}
