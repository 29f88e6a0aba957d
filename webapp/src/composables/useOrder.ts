// Follows one order to its end: opens WeChat's sheet, asks the server, believes only the server.
import { computed, onScopeDispose, ref, shallowRef, type ShallowRef } from "vue";
import { asFailure } from "@/composables/useLoad";
import { onVisible } from "@/composables/useVisible";
import { JssdkConfigDocument } from "@/graphql/generated/page/JssdkConfigDocument";
import { send } from "@/session";
import type { RequestFailed } from "@/session/session";
import { payByWechat, type Outcome, type Payment } from "@/wechat/bridge";

/** Pauses between questions after the sheet closed: a minute in all, then the person asks by hand. */
const ASK_AFTER_MS = [0, 700, 1000, 1500, 2000, 3000, 4000, 5000, 8000, 10_000, 12_000, 15_000];
/** How often an open order is looked at meanwhile: news may come without anybody asking. */
const LOOK_EVERY_MS = 4000;
/** An order is closed after two hours; a page left open is not looked after that long. */
const LOOKS = 225;

export interface Order {
  state: string;
  method?: string;
  payment?: Payment | null;
  /** A page of somebody else's where it is paid, instead of WeChat's sheet. */
  payUrl?: string | null;
}
export interface Said {
  message: string;
  remedy: string;
}
export interface OrderParts<T extends Order> {
  /** What the server knows of it; `order` null: there is none. */
  read: () => Promise<{ order?: T | null; bridgeUrl: string }>;
  /** Has the server ask whoever was paid. */
  confirm: () => Promise<{ order: T } | { refusal: Said | null; missing: boolean }>;
  isOver: (state: string) => boolean;
  /** Made on this visit: its payment sheet opens by itself, after a reload it does not. */
  takeFresh: () => boolean;
  onOver: (order: T) => void;
  /** Who asks for the bridge's signature; the login where nothing is said. */
  send?: typeof send;
}

export function useOrder<T extends Order>(parts: OrderParts<T>) {
  const order = shallowRef<T | null>(null) as ShallowRef<T | null>;
  const missing = ref(false);
  const failure = shallowRef<RequestFailed | null>(null);
  const refusal = shallowRef<Said | null>(null);
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
  const isOver = () => order.value !== null && parts.isOver(order.value.state);
  /** The money is being taken: the sheet said ok, or the bank was told to debit. */
  const told = () => outcome.value === "ok" || order.value?.method === "BANK_CARD";

  // Reads what the server knows and asks nobody else: for a sheet that never says how it closed, and for
  // news that comes while this screen stands open.
  let looks = 0;
  const looking = setInterval(() => void look(), LOOK_EVERY_MS);
  async function look(): Promise<void> {
    const idle = doing.value !== "asking" && order.value && !isOver();
    if (!idle || document.visibilityState === "hidden" || ++looks > LOOKS) return;
    const found = await parts.read().catch(() => null);
    if (ended || !found?.order || found.order.state === order.value?.state) return;
    take(found.order);
    failure.value = null;
    if (isOver()) {
      clearTimeout(timer);
      doing.value = null;
    }
  }

  function take(next: T): void {
    order.value = next;
    if (isOver()) parts.onOver(next);
  }

  async function begin(): Promise<void> {
    failure.value = null;
    try {
      const found = await parts.read();
      bridgeUrl = found.bridgeUrl;
      missing.value = !found.order;
      if (!found.order || ended) return;
      take(found.order);
      const mine = parts.takeFresh();
      if (isOver()) return;
      if (mine && (found.order.payment || found.order.payUrl)) await pay();
      else ask(0); // opened again, perhaps after paying: the server asks
    } catch (error) {
      failure.value = asFailure(error);
    }
  }

  async function pay(): Promise<void> {
    if (order.value?.payUrl) return location.assign(order.value.payUrl); // and from there back to this screen
    const payment = order.value?.payment;
    if (!payment || doing.value === "paying") return;
    clearTimeout(timer);
    doing.value = "paying";
    outcome.value = null;
    refusal.value = null;
    const findConfig = async (url: string) => (await (parts.send ?? send)(JssdkConfigDocument, { url })).jssdkConfig;
    outcome.value = await payByWechat(payment, bridgeUrl, findConfig).catch(() => "fail" as const);
    doing.value = null;
    if (!ended) ask(0);
  }

  /** Asks now and, while there is hope, again; `turn` counts within ASK_AFTER_MS. */
  function ask(turn: number): void {
    clearTimeout(timer);
    if (ended) return;
    asked.value = turn;
    const unpaid = order.value?.state === "ORDERED" && !told();
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
      const said = await parts.confirm();
      failure.value = null;
      if ("order" in said) {
        refusal.value = null;
        take(said.order);
      } else {
        refusal.value = said.refusal;
        if (said.missing) missing.value = true;
      }
    } catch (error) {
      failure.value = asFailure(error);
    }
    const over = missing.value || !order.value || isOver();
    if (over || order.value?.state === "ORDERED") doing.value = null;
    return !over;
  }

  onVisible(() => {
    if (order.value && !isOver() && doing.value !== "paying") ask(0);
  });
  void begin();

  /** It is being taken, and has not shown up after some questions. */
  const slow = computed(() => told() && order.value?.state === "ORDERED" && asked.value > 3);
  return { order, missing, failure, refusal, doing, outcome, slow, begin, pay, ask: () => ask(0) };
}
