import { expect, it } from "vitest";
import { dayTime } from "./times";

const now = Date.parse("2026-01-02T00:30:00+08:00");

it.each([
  ["2026-01-02T00:05:00+08:00", "今天 00:05"],
  ["2026-01-01T16:02:00Z", "今天 00:02"], // the school's day, whatever the phone's zone
  ["2026-01-01T07:40:00+08:00", "昨天 07:40"],
  ["2026-01-03T06:00:00+08:00", "明天 06:00"],
  ["2025-12-31T12:03:00+08:00", "2025年12月31日 12:03"], // another year says so
])("%s is %s", (at, said) => expect(dayTime(at, now)).toBe(said));

it("leaves out the year that is meant anyway", () =>
  expect(dayTime("2026-11-03T12:03:00+08:00", Date.parse("2026-11-26T12:00:00+08:00"))).toBe("11月3日 12:03"));
