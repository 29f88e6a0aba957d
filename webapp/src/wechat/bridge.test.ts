import { afterEach, expect, it, vi } from "vitest";
import { isAndroidWeCom, outcomeOf, payByWechat } from "./bridge";

const ANDROID_WECOM = "Mozilla/5.0 (Linux; Android 14) MicroMessenger/7.0.1 wxwork/4.1.22";
const PAYMENT = { appId: "ww", timeStamp: "1", nonceStr: "n", package: "prepay_id=1", signType: "RSA", paySign: "s" };
const CONFIG = { appId: "ww", timestamp: 1, nonceStr: "n", signature: "s" };

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  delete window.wx;
});

it.each([
  ["get_brand_wcpay_request:ok", "ok"],
  ["get_brand_wcpay_request:cancel", "cancel"],
  ["get_brand_wcpay_request:fail", "fail"],
  ["system:access_denied", "fail"],
  ["", "fail"],
])("%j means %s", (message, outcome) => expect(outcomeOf(message)).toBe(outcome));

it("knows WeCom on Android by its agent", () => {
  expect(isAndroidWeCom(ANDROID_WECOM)).toBe(true);
  expect(isAndroidWeCom("Mozilla/5.0 (iPhone) MicroMessenger/7.0.1 wxwork/4.1.22")).toBe(false);
  expect(isAndroidWeCom("Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0")).toBe(false);
});

it("waits for WeCom's check of the page, but not for ever", async () => {
  vi.useFakeTimers();
  vi.spyOn(document.head, "append").mockReturnValue(); // the script does not come either
  vi.spyOn(navigator, "userAgent", "get").mockReturnValue(ANDROID_WECOM);
  let ready = () => {};
  const chooseWXPay = vi.fn();
  window.wx = { config: () => {}, error: () => {}, ready: (act) => void (ready = act), chooseWXPay };
  const paying = payByWechat(PAYMENT, "about:blank", () => Promise.resolve(CONFIG));
  await vi.advanceTimersByTimeAsync(30_000);
  await expect(paying).resolves.toBe("absent");
  ready(); // too late: the page says that nothing was paid
  expect(chooseWXPay).not.toHaveBeenCalled();
});
