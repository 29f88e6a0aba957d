import { expect, test } from "vitest";
import { showKwh, toWh } from "./kwh";

test.each([
  ["2476.870", 2_476_870],
  ["0.5", 500],
  ["-1.250", -1_250],
  ["7", 7_000],
])("%s is %d Wh", (kwh, wh) => expect(toWh(kwh)).toBe(wh));

test.each(["", "1.2345", "1e3", "1,000", "--1"])("%s is no energy", (text) => expect(toWh(text)).toBeNull());

test.each([
  ["2476.876", "2,476.87"],
  ["0.009", "0.00"],
  ["-0.004", "0.00"],
  ["-12.340", "−12.34"],
  ["1234567.1", "1,234,567.10"],
])("%s is shown as %s", (kwh, shown) => expect(showKwh(kwh)).toBe(shown));
