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
import { send, session } from "@/session";
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
  let newest: string | null | undefined; // the last bill before this code; undefined: not known yet
  let busy = false;
  let lastPoll = 0;

  async function issue(): Promise<void> {
    if (busy || paid.value) return;
    busy = true;
    try {
      const { paymentCodeIssue: result } = await send(
        PaymentCodeIssueDocument,
        { language: apiLanguage() },
        { repeatable: false }, // the tick below is its own retry
      );
      failure.value = null;
      if (result.__typename === "PaymentCodeIssued") {
        refusal.value = null;
        notice(result.account);
        life.value = lifeOf(result.paymentCode, performance.now());
      } else if (result.__typename === "TooManyAttempts") {
        waitUntil.value = performance.now() + result.retryAfterSeconds * 1000;
      } else if (result.__typename === "NotBound") await router.replace("/bind");
      else {
        refusal.value = result;
        if (result.__typename === "ServiceUnavailable") waitUntil.value = performance.now() + TRY_AGAIN_MS;
        else life.value = null;
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
    const isNew = newest !== undefined && bill && bill.id !== newest;
    newest = bill?.id ?? null;
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
    const found = await send(PaymentCodeWatchDocument, {}, { repeatable: false }).catch(() => null);
    if (found?.account) notice(found.account);
  }

  function tick(): void {
    now.value = performance.now();
    if (document.visibilityState === "hidden" || paid.value) return;
    const due = !life.value || now.value >= life.value.renewAt;
    const blocked = refusal.value && !life.value && waitUntil.value < now.value - TRY_AGAIN_MS;
    if (due && now.value >= waitUntil.value && !blocked) void issue();
    if (!live.value && life.value && now.value - lastPoll > POLL_MS) void poll();
  }

  const timer = setInterval(tick, TICK_MS);
  const end = subscribe({
    url: `${location.origin.replace(/^http/, "ws")}/graphql`,
    token: () => session.token(),
    document: AccountChangedDocument,
    onData: (data) => notice(data.accountChanged),
    onState: (connected) => {
      if (connected && !live.value) lastPoll = 0;
      live.value = connected;
      if (connected && newest !== undefined) void poll(); // what happened while it was down
    },
  });
  onVisible(tick);
  onScopeDispose(() => {
    clearInterval(timer);
    end();
  });
  void issue();

  const left = computed(() => (life.value ? secondsLeft(life.value.expiresAt, now.value) : 0));
  const renewIn = computed(() => (life.value ? secondsLeft(life.value.renewAt, now.value) : 0));
  const waiting = computed(() => secondsLeft(waitUntil.value, now.value));
  const code = computed(() => (left.value > 0 ? (life.value?.code ?? null) : null));
  return { code, left, renewIn, waiting, account, failure, refusal, paid, live, issue, again };
}
