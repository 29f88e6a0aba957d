import { expect, test } from "vitest";
import { toFen, typeKey } from "./amount";

const type = (keys: string) => [...keys].reduce(typeKey, "");

test.each([
  ["12.5", "12.5", 1250],
  ["12.505", "12.50", 1250],
  [".5", "0.5", 50],
  ["1..2", "1.2", 120],
  ["007", "7", 700],
  ["1234567", "123456", 12345600],
  ["", "", 0],
  ["8.07", "8.07", 807],
])("typing %s shows %s and asks for %i fen", (keys, shown, fen) => {
  expect(type(keys)).toBe(shown);
  expect(toFen(type(keys))).toBe(fen);
});
