import { expect, test } from "vitest";
import { barName, span, together } from "./points";

const LATE = Date.parse("2026-11-26T16:30:00Z"); // half past midnight in Shanghai, the 27th

test("today is the school's day, wherever the phone is", () =>
  expect(span("HOUR", LATE)).toEqual({ from: "2026-11-27", to: "2026-11-27" }));
test("thirty days end today", () => expect(span("DAY", LATE)).toEqual({ from: "2026-10-29", to: "2026-11-27" }));
test("twelve months begin on a first", () => expect(span("MONTH", LATE)).toEqual({ from: "2025-12-01", to: "2026-11-27" }));
test("a year that begins in January", () =>
  expect(span("MONTH", Date.parse("2026-12-05T00:00:00Z")).from).toBe("2026-01-01"));

test.each([
  ["HOUR", "2026-11-27T00:00:00+08:00", "00:00"],
  ["DAY", "2026-11-03T00:00:00+08:00", "11月3日"],
  ["MONTH", "2026-11-01T00:00:00+08:00", "2026年11月"],
] as const)("a bar of %s", (interval, from, name) => expect(barName(from, interval)).toBe(name));

test("puts what was used in two rooms on the day of a move into one bar", () => {
  const day = "2026-11-20T00:00:00+08:00";
  const point = (energy: string, name: string, complete = true) => ({ from: day, energy, complete, room: { name } });
  expect(together([point("10.000", "1 栋 101"), point("8.500", "2 栋 201", false)])).toEqual([
    { from: day, energy: "18.500", complete: false, rooms: "1 栋 101、2 栋 201" },
  ]);
  expect(together([])).toEqual([]);
});
