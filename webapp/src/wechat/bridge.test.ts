import { expect, it } from "vitest";
import { isAndroidWeCom, outcomeOf } from "./bridge";

it.each([
  ["get_brand_wcpay_request:ok", "ok"],
  ["get_brand_wcpay_request:cancel", "cancel"],
  ["get_brand_wcpay_request:fail", "fail"],
  ["system:access_denied", "fail"],
  ["", "fail"],
])("%j means %s", (message, outcome) => expect(outcomeOf(message)).toBe(outcome));

it("knows WeCom on Android by its agent", () => {
  expect(isAndroidWeCom("Mozilla/5.0 (Linux; Android 14) MicroMessenger/7.0.1 wxwork/4.1.22")).toBe(true);
  expect(isAndroidWeCom("Mozilla/5.0 (iPhone) MicroMessenger/7.0.1 wxwork/4.1.22")).toBe(false);
  expect(isAndroidWeCom("Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0")).toBe(false);
});
