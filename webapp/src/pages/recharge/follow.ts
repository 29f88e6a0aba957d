// Follows one order to its end: opens WeChat's sheet, asks the server, believes only the server.
import { computed, onScopeDispose, ref, shallowRef } from "vue";
import { asFailure } from "@/composables/useLoad";
import { onVisible } from "@/composables/useVisible";
import {
  JssdkConfigDocument,
  RechargeConfirmDocument,
  RechargeFollowDocument,
  type RechargeProgressFragment,
} from "@/graphql/generated/page/graphql";
import { apiLanguage } from "@/i18n";
import { currentLogin, send } from "@/session";
import { keepSeen } from "@/session/cache";
import { finishWish } from "@/session/callerId";
import type { RequestFailed } from "@/session/session";
import { payByWechat, type Outcome } from "@/wechat/bridge";
import { fresh, isOver, WISH } from "./order";

/** Pauses between questions after the sheet closed: a minute in all, then the person asks by hand. */
const ASK_AFTER_MS = [0, 700, 1000, 1500, 2000, 3000, 4000, 5000, 8000, 10_000, 12_000, 15_000];
/** How often an open order is looked at meanwhile: the notification may come without anybody asking. */
const LOOK_EVERY_MS = 4000;
/** An order is closed after two hours; a page left open is not looked after that long. */
const LOOKS = 225;

export function useRecharge(id: string) {
  const recharge = shallowRef<RechargeProgressFragment | null>(null);
  const missing = ref(false);
  const failure = shallowRef<RequestFailed | null>(null);
  const refusal = shallowRef<{ message: string; remedy: string } | null>(null);
  const doing = ref<"paying" | "asking" | null>(null);
  const outcome = ref<Outcome | null>(null);
  const asked = ref(0);
  let bridgeUrl = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ended = false;

  onScopeDispose(() => {
    ended = true;
    clearTimeout(timer);
    clearInterval(looking);
  });

  // Reads what the server knows and asks WeChat nothing: for a sheet that never says how it closed, and for
  // money that arrives while this screen stands open.
  let looks = 0;
  const looking = setInterval(() => void look(), LOOK_EVERY_MS);
  async function look(): Promise<void> {
    const idle = doing.value !== "asking" && recharge.value && !isOver(recharge.value.state);
    if (!idle || document.visibilityState === "hidden" || ++looks > LOOKS) return;
    const found = await send(RechargeFollowDocument, { id }, { repeatable: false }).catch(() => null);
    if (ended || !found?.recharge || found.recharge.state === recharge.value?.state) return;
    take(found.recharge);
    failure.value = null;
    if (isOver(found.recharge.state)) {
      clearTimeout(timer);
      doing.value = null;
    }
  }

  function take(next: RechargeProgressFragment): void {
    recharge.value = next;
    if (!isOver(next.state)) return;
    finishWish(WISH);
    keepSeen(currentLogin(), "home", null); // the kept first picture is of before
  }

  async function begin(): Promise<void> {
    failure.value = null;
    try {
      const found = await send(RechargeFollowDocument, { id });
      bridgeUrl = found.school.wechatBridgeUrl;
      missing.value = !found.recharge;
      if (!found.recharge || ended) return;
      take(found.recharge);
      const mine = fresh.id === id;
      fresh.id = null;
      if (isOver(found.recharge.state)) return;
      if (mine && found.recharge.payment) await pay();
      else ask(0); // opened again, perhaps after paying: the server asks WeChat
    } catch (error) {
      failure.value = asFailure(error);
    }
  }

  async function pay(): Promise<void> {
    const payment = recharge.value?.payment;
    if (!payment || doing.value === "paying") return;
    clearTimeout(timer);
    doing.value = "paying";
    outcome.value = null;
    refusal.value = null;
    const findConfig = async (url: string) => (await send(JssdkConfigDocument, { url })).jssdkConfig;
    outcome.value = await payByWechat(payment, bridgeUrl, findConfig).catch(() => "fail" as const);
    doing.value = null;
    if (!ended) ask(0);
  }

  /** Asks now and, while there is hope, again; `turn` counts within ASK_AFTER_MS. */
  function ask(turn: number): void {
    clearTimeout(timer);
    if (ended) return;
    asked.value = turn;
    const unpaid = recharge.value?.state === "ORDERED" && outcome.value !== "ok";
    const pause = ASK_AFTER_MS[turn];
    // Nobody said it was paid: one question is enough, the button asks again.
    if (pause === undefined || (unpaid && turn > 1)) {
      doing.value = null;
      return;
    }
    if (!unpaid || turn === 0) doing.value = "asking";
    timer = setTimeout(() => void confirm().then((more) => more && ask(turn + 1)), pause);
  }

  async function confirm(): Promise<boolean> {
    try {
      const variables = { input: { recharge: id }, language: apiLanguage() };
      const { rechargeConfirm: result } = await send(RechargeConfirmDocument, variables);
      failure.value = null;
      if (result.__typename === "RechargeConfirmed") {
        refusal.value = null;
        take(result.recharge);
      } else {
        refusal.value = result.__typename === "ServiceUnavailable" ? null : result;
      }
      if (result.__typename === "RechargeUnknown") missing.value = true;
    } catch (error) {
      failure.value = asFailure(error);
    }
    const over = missing.value || !recharge.value || isOver(recharge.value.state);
    if (over || recharge.value?.state === "ORDERED") doing.value = null;
    return !over;
  }

  onVisible(() => {
    if (recharge.value && !isOver(recharge.value.state) && doing.value !== "paying") ask(0);
  });
  void begin();

  /** The bridge said ok and the questions ran out. */
  const slow = computed(
    () => outcome.value === "ok" && recharge.value?.state === "ORDERED" && asked.value > 3,
  );
  return { recharge, missing, failure, refusal, doing, outcome, slow, begin, pay, ask: () => ask(0) };
}
