import { describe, expect, it } from "vitest";
import { fromFen, showYuan, splitYuan, toFen, typeAmount } from "./money";

describe("money", () => {
  it.each([
    ["12.30", 1230],
    ["12.3", 1230],
    ["12", 1200],
    ["-5.04", -504],
    ["0.00", 0],
    ["-0.00", 0],
    ["0.29", 29], // 0.29 * 100 is 28.999999999999996
    ["999999999999.99", 99999999999999],
  ])("reads %s as %i fen", (yuan, fen) => expect(toFen(yuan)).toBe(fen));

  it.each(["", ".", "1.234", "1e3", " 1", "1 ", "+1", "1,000", "--1", "NaN", "1."])(
    "refuses %j",
    (text) => expect(toFen(text)).toBeNull(),
  );

  it("writes every fen back as it read it", () => {
    for (const fen of [0, 1, 9, 10, 29, 99, 100, 101, 115, 1230, 423380, -1, -504, -10000])
      expect(toFen(fromFen(fen))).toBe(fen);
  });

  it.each([
    ["4233.80", false, "4,233.80"],
    ["-5.04", false, "−5.04"],
    ["1234567.8", false, "1,234,567.80"],
    ["50.00", true, "+50.00"],
    ["-12.50", true, "−12.50"],
    ["0.00", true, "0.00"],
  ])("shows %s (signed %s) as %s", (yuan, signed, shown) => expect(showYuan(yuan, signed)).toBe(shown));

  it("splits for two sizes", () =>
    expect(splitYuan("-1045.6")).toEqual({ sign: "−", whole: "1,045", cents: "60" }));

  it.each([
    ["", "5", "5"],
    ["0", "5", "5"],
    ["0", ".", "0."],
    ["", ".", "0."],
    ["12.", "3", "12.3"],
    ["12.3", ".", "12.3"],
    ["12.34", "5", "12.34"],
    ["12345", "6", "12345"],
    ["12.3", "delete", "12."],
    ["", "delete", ""],
  ])("typing: %j then %j gives %j", (text, key, next) => expect(typeAmount(text, key)).toBe(next));
});
