// How it is paid: of what is offered, the way it was paid last; and the way to a bank card and back.
import { computed, ref, watch } from "vue";
import { useRoute, useRouter, type Router } from "vue-router";
import type { BankCardLineFragment, PayMethod } from "@/graphql/generated/page/graphql";
import { currentLogin } from "@/session";
import { keepSeen, readSeen } from "@/session/cache";

/** The guide's order. */
const ORDER: readonly PayMethod[] = ["CARD_ACCOUNT", "BANK_CARD", "WECHAT", "ONLINE_PAYMENT"];

/** What was chosen on a screen, as its address says it: `?amount=50&method=BANK_CARD`. */
export type Choice = Record<string, string | undefined>;

export interface MethodParts<Method extends PayMethod> {
  /** Under which the last one is remembered. */
  name: string;
  /** Shown while it is not known what is offered; the first is chosen for who never paid here. */
  usual: readonly [Method, ...Method[]];
  offered: () => readonly Method[] | undefined;
  /** Undefined: not known yet. */
  card: () => BankCardLineFragment | null | undefined;
  /** What else is chosen on this screen. */
  choice: () => Choice;
}

export function useMethod<Method extends PayMethod>({ name, usual, offered, card, choice }: MethodParts<Method>) {
  const route = useRoute();
  const router = useRouter();
  const [lastKey, offeredKey] = [`${name}.method`, `${name}.methods`];

  const seen = readSeen<Method[]>(currentLogin(), offeredKey) ?? usual;
  watch(offered, (now) => now && keepSeen(currentLogin(), offeredKey, now));
  const methods = computed(() =>
    [...(offered() ?? seen)].sort((one, other) => ORDER.indexOf(one) - ORDER.indexOf(other)),
  );
  const usable = computed(() =>
    methods.value.filter((way) => way !== "BANK_CARD" || card() === undefined || card()?.state === "BOUND"),
  );
  const wanted = ref((route.query.method ?? readSeen(currentLogin(), lastKey)) as string | null);
  const method = computed<Method | null>({
    get: () => {
      const mine = usable.value.find((way) => way === wanted.value);
      return mine ?? usable.value.find((way) => way === usual[0]) ?? usable.value[0] ?? null;
    },
    set: (way) => (wanted.value = way),
  });

  /** This screen is left for the card with its choice in its address: back leads to it by either way. */
  async function goBind(): Promise<void> {
    const bank = toBank(router, { query: choice() });
    await router.replace(bank.query.back);
    await router.push(bank);
  }
  return { methods, method, remember: () => keepSeen(currentLogin(), lastKey, method.value), goBind } as const;
}

/** Where a card is bound, knowing the screen that it is to pay on. */
export function toBank(router: Router, there: { path?: string; query: Choice }) {
  const query = { ...there.query, method: "BANK_CARD" };
  return { path: "/bank", query: { back: router.resolve({ ...there, query }).fullPath } };
}
