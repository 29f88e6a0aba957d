// WeChat's payment sheet. What it says is a hint for the screen; only the server's word moves money.
import type { JssdkConfigQuery, RechargeProgressFragment } from "@/graphql/generated/page/graphql";

export type Payment = NonNullable<RechargeProgressFragment["payment"]>;
/** `absent`: no WeChat around us. */
export type Outcome = "ok" | "cancel" | "fail" | "absent";

interface JsBridge {
  invoke(name: string, data: object, answer: (result: { err_msg: string }) => void): void;
}
interface WxSdk {
  config(options: object): void;
  ready(act: () => void): void;
  error(act: () => void): void;
  chooseWXPay(options: object): void;
}
declare global {
  interface Window {
    WeixinJSBridge?: JsBridge;
    wx?: WxSdk;
    ww?: Pick<WxSdk, "chooseWXPay">;
  }
}

const SCRIPT_TIMEOUT_MS = 8000;
const READY_TIMEOUT_MS = 5000;
const CONFIG_TIMEOUT_MS = 8000;

/** WeCom on Android has no getBrandWCPayRequest of its own. */
export const isAndroidWeCom = (agent = navigator.userAgent): boolean =>
  /wxwork/i.test(agent) && /android/i.test(agent);

let loading: { url: string; done: Promise<boolean> } | null = null;

/** Loads the bridge once; false where it does not come. A failed load may be tried again. */
export function loadBridge(url: string): Promise<boolean> {
  if (loading?.url === url) return loading.done;
  const done = new Promise<boolean>((resolve) => {
    const script = document.createElement("script");
    const finish = (fine: boolean) => {
      if (!fine) loading = null;
      resolve(fine);
    };
    script.src = url;
    script.onload = () => finish(true);
    script.onerror = () => finish(false);
    setTimeout(finish, SCRIPT_TIMEOUT_MS, false);
    document.head.append(script);
  });
  loading = { url, done };
  return done;
}

export async function payByWechat(
  payment: Payment,
  bridgeUrl: string,
  findConfig: (url: string) => Promise<JssdkConfigQuery["jssdkConfig"]>,
): Promise<Outcome> {
  await loadBridge(bridgeUrl);
  if (isAndroidWeCom() && window.wx) return payInWeCom(window.wx, payment, findConfig);
  const bridge = await awaitBridge();
  if (!bridge) return "absent";
  return new Promise((resolve) => {
    const { appId, timeStamp, nonceStr, signType, paySign } = payment;
    const data = { appId, timeStamp, nonceStr, package: payment.package, signType, paySign };
    bridge.invoke("getBrandWCPayRequest", data, ({ err_msg }) => resolve(outcomeOf(err_msg)));
  });
}

export function outcomeOf(message: string): Outcome {
  const word = message.split(":").pop();
  return word === "ok" || word === "cancel" ? word : "fail";
}

function awaitBridge(): Promise<JsBridge | null> {
  if (window.WeixinJSBridge) return Promise.resolve(window.WeixinJSBridge);
  return new Promise((resolve) => {
    const finish = () => resolve(window.WeixinJSBridge ?? null);
    document.addEventListener("WeixinJSBridgeReady", finish, { once: true });
    setTimeout(finish, /micromessenger|wxwork/i.test(navigator.userAgent) ? READY_TIMEOUT_MS : 600);
  });
}

async function payInWeCom(
  wx: WxSdk,
  payment: Payment,
  findConfig: (url: string) => Promise<JssdkConfigQuery["jssdkConfig"]>,
): Promise<Outcome> {
  const config = await findConfig(location.href.split("#")[0] as string);
  return new Promise((resolve) => {
    let waiting = true;
    const giveUp = () => {
      waiting = false;
      resolve("absent");
    };
    const patience = setTimeout(giveUp, CONFIG_TIMEOUT_MS); // WeCom checks with its server, and may say nothing
    wx.config({ ...config, beta: true, debug: false, jsApiList: ["chooseWXPay"] });
    wx.error(giveUp);
    wx.ready(() => {
      clearTimeout(patience);
      if (!waiting) return; // the page has said that it does not work
      (window.ww ?? wx).chooseWXPay({
        timestamp: payment.timeStamp,
        nonceStr: payment.nonceStr,
        package: payment.package,
        signType: payment.signType,
        paySign: payment.paySign,
        success: () => resolve("ok"),
        cancel: () => resolve("cancel"),
        fail: () => resolve("fail"),
      });
    });
  });
}
