// What an order for electricity says of itself at a moment: its word, its sentence, its steps.
import { computed, type Ref } from "vue";
import type { Outcome } from "@/wechat/bridge";
import { zh } from "./zh";

export interface Told {
  state: string;
  method?: string;
  explanation: string;
  orderedAt: string;
  paidAt?: string | null;
  deliveredAt?: string | null;
  endedAt?: string | null;
}
type Word = (key: keyof typeof zh, values?: Record<string, string | number>) => string;
type Kind = "ORDERED" | "PAID" | "DELIVERED" | "CLOSED" | "REFUNDED";

export function useWords(
  { order, doing, outcome, slow }: {
    order: Ref<Told | null>;
    doing: Ref<"paying" | "asking" | null>;
    outcome: Ref<Outcome | null>;
    slow: Ref<boolean>;
  },
  t: Word,
) {
  const state = computed(() => order.value?.state ?? "ORDERED");
  const byBank = computed(() => order.value?.method === "BANK_CARD");
  const head = computed(() => {
    if (doing.value === "paying") return t("head_paying");
    if (doing.value === "asking" && state.value === "ORDERED") return t("head_asking");
    if (byBank.value && state.value === "ORDERED") return t("head_bank");
    return t(`head_${state.value}` as keyof typeof zh);
  });
  const text = computed(() => {
    const found = order.value;
    if (!found) return "\u00a0";
    if (doing.value === "paying") return t("text_paying");
    if (state.value === "ORDERED") {
      if (slow.value) return t(byBank.value ? "text_bank" : "text_slow");
      if (outcome.value === "ok" || doing.value === "asking") return t("text_asking");
      if (byBank.value) return t("text_bank");
      if (outcome.value) return t(`text_${outcome.value}` as keyof typeof zh);
    }
    return found.explanation;
  });
  const tone = computed(() =>
    state.value === "DELIVERED" ? "good" : ["FAILED", "CLOSED", "REFUNDED"].includes(state.value) ? "off" : "",
  );
  const steps = computed(() => {
    const found = order.value;
    if (!found) return [];
    const line: { kind: Kind; at?: string | null }[] = [{ kind: "ORDERED", at: found.orderedAt }];
    if (state.value === "CLOSED" || state.value === "FAILED") line.push({ kind: "CLOSED", at: found.endedAt });
    else {
      line.push({ kind: "PAID", at: found.paidAt });
      const back = state.value === "REFUNDING" || state.value === "REFUNDED";
      line.push(back ? { kind: "REFUNDED", at: found.endedAt } : { kind: "DELIVERED", at: found.deliveredAt });
    }
    return line.map((step) => ({ ...step, name: t(step.kind) }));
  });
  return { state, byBank, head, text, tone, steps } as const;
}
