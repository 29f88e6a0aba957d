import { computed, inject, type ComputedRef, type InjectionKey } from "vue";
import type { DeskMeQuery } from "@/graphql/generated/desk/graphql";

/** Who sits at the desk. */
export const ME: InjectionKey<ComputedRef<DeskMeQuery["me"]>> = Symbol("me");

/** Refunds and terminals are the operator's; finance and audit look. */
export const useCanAct = () => {
  const me = inject(ME);
  return computed(() => me?.value?.roles.includes("OPERATOR") ?? false);
};
