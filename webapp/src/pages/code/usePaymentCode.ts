// Keeps one valid payment code on the screen and notices when it was charged.
import { computed, onScopeDispose, ref, shallowRef } from "vue";
import { useRouter } from "vue-router";
import { asFailure } from "@/composables/useLoad";
import { onVisible } from "@/composables/useVisible";
import {
  AccountChangedDocument,
  PaymentCodeIssueDocument,
  PaymentCodeWatchDocument,
  type PaidFromFragment,
} from "@/graphql/generated/page/graphql";
import { subscribe } from "@/graphql/live";
import { apiLanguage } from "@/i18n";
import { currentLogin, send, session } from "@/session";
import { keepSeen } from "@/session/cache";
import type { RequestFailed } from "@/session/session";
import { lifeOf, secondsLeft, type Life } from "./countdown";

const TICK_MS = 500;
const TRY_AGAIN_MS = 2500;
/** How often to look while the live line is down. */
const POLL_MS = 2000;

export type PaidBill = PaidFromFragment["bills"]["edges"][number]["node"];

export function usePaymentCode() {
  const router = useRouter();
  const life = shallowRef<Life | null>(null);
  const account = shallowRef<PaidFromFragment | null>(null);
  const failure = shallowRef<RequestFailed | null>(null);
  const refusal = shallowRef<{ message: string; remedy: string } | null>(null);
  const paid = shallowRef<PaidBill | null>(null);
  const now = ref(performance.now());
  const waitUntil = ref(0);
  const live = ref(false);
  /** Bills seen as the newest so far; null before the first look. A late old answer is not news. */
  let seen: Set<string> | null = null;
  let heard = 0; // pictures that came by the live line: whoever asked before the last one is answered too late
  let busy = false;
  let final = false; // refused by rule: asked again only by hand, or when the page comes back
  let lastPoll = 0;

  async function issue(): Promise<void> {
    if (busy || paid.value) return;
    busy = true;
    final = false;
    const before = heard;
    try {
      const { paymentCodeIssue: result } = await send(
        PaymentCodeIssueDocument,
        { language: apiLanguage() },
        { repeatable: false }, // the tick below is its own retry
      );
      failure.value = null;
      if (result.__typename === "PaymentCodeIssued") {
        refusal.value = null;
        if (heard === before) notice(result.account);
        life.value = lifeOf(result.paymentCode, performance.now());
      } else if (result.__typename === "TooManyAttempts") {
        waitUntil.value = performance.now() + result.retryAfterSeconds * 1000;
      } else if (result.__typename === "NotBound") await router.replace("/bind");
      else {
        refusal.value = result;
        final = result.__typename !== "ServiceUnavailable";
        if (final) life.value = null;
        else waitUntil.value = performance.now() + TRY_AGAIN_MS;
      }
    } catch (error) {
      failure.value = asFailure(error);
      waitUntil.value = performance.now() + TRY_AGAIN_MS;
    } finally {
      busy = false;
      now.value = performance.now();
    }
  }

  /** Takes a newer picture of the account; a new outgoing line is what this screen waits for. */
  function notice(next: PaidFromFragment): void {
    account.value = next;
    const bill = next.bills.edges[0]?.node;
    const isNew = seen !== null && bill && !seen.has(bill.id);
    seen ??= new Set();
    if (bill) seen.add(bill.id);
    if (isNew) keepSeen(currentLogin(), "home", null); // the kept first picture is of before
    if (!isNew || (bill.kind !== "PAYMENT" && bill.kind !== "REVERSAL")) return;
    paid.value = bill;
    life.value = null; // spent, or about to be: never shown again
    navigator.vibrate?.(60);
  }

  function again(): void {
    paid.value = null;
    void issue();
  }

  async function poll(): Promise<void> {
    lastPoll = performance.now();
    const before = heard;
    const found = await send(PaymentCodeWatchDocument, {}, { repeatable: false }).catch(() => null);
    if (found?.account && heard === before) notice(found.account);
  }

  function tick(): void {
    now.value = performance.now();
    if (document.visibilityState === "hidden" || paid.value) return;
    const due = !life.value || now.value >= life.value.renewAt;
    if (due && !final && now.value >= waitUntil.value) void issue();
    if (!live.value && life.value && now.value - lastPoll > POLL_MS) void poll();
  }

  const timer = setInterval(tick, TICK_MS);
  const end = subscribe({
    url: `${location.origin.replace(/^http/, "ws")}/graphql`,
    token: () => session.token(),
    document: AccountChangedDocument,
    onData: (data) => {
      heard++;
      notice(data.accountChanged);
    },
    onState: (connected) => {
      if (connected && !live.value) lastPoll = 0;
      live.value = connected;
      if (connected && seen) void poll(); // what happened while it was down
    },
  });
  onVisible(() => {
    final = false;
    tick();
  });
  onScopeDispose(() => {
    clearInterval(timer);
    end();
  });
  void issue();

  const left = computed(() => (life.value ? secondsLeft(life.value.expiresAt, now.value) : 0));
  const renewIn = computed(() => (life.value ? secondsLeft(life.value.renewAt, now.value) : 0));
  const waiting = computed(() => secondsLeft(waitUntil.value, now.value));
  const code = computed(() => (left.value > 0 ? (life.value?.code ?? null) : null));
  return { code, left, renewIn, waiting, account, failure, refusal, paid, issue, again };
}
