import { expect, it } from "vitest";
import { code128cPath, code128cValues, code128cWidths } from "./code128";

it("gives the check value of known symbols", () => {
  // (105 + 1·12 + 2·34) mod 103 = 82; (105 + 1·42 + 2·18 + 3·40 + 4·20 + 5·50) mod 103 = 15
  expect(code128cValues("1234")).toEqual([105, 12, 34, 82]);
  expect(code128cValues("4218402050")).toEqual([105, 42, 18, 40, 20, 50, 15]);
});

it("draws the published patterns", () => {
  // start C 11010011100, "12" 10110011100, "34" 10001011000, check 82 10010011110, stop 1100011101011
  const bits = code128cWidths("1234")
    .map((width, at) => (at % 2 ? "0" : "1").repeat(width))
    .join("");
  expect(bits).toBe("11010011100" + "10110011100" + "10001011000" + "10010011110" + "1100011101011");
});

it("makes every symbol 11 modules wide and the stop 13", () => {
  for (let pair = 0; pair < 100; pair++)
    expect(code128cPath(String(pair).padStart(2, "0")).width).toBe(11 * 3 + 13);
  expect(code128cPath("91234567890123456789").width).toBe(11 * 12 + 13);
});

it.each(["", "1", "123", "12a4", " 12"])("refuses %j", (text) =>
  expect(() => code128cValues(text)).toThrow(),
);
