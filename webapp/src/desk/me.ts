import { computed, inject, type ComputedRef, type InjectionKey } from "vue";
import type { DeskMeQuery, Role } from "@/graphql/generated/desk/graphql";

/** Who sits at the desk. */
export const ME: InjectionKey<ComputedRef<DeskMeQuery["me"]>> = Symbol("me");

/** Does whoever sits here have one of these roles? */
export const useRole = (...roles: Role[]) => {
  const me = inject(ME);
  return computed(() => me?.value?.roles.some((role) => roles.includes(role)) ?? false);
};
/** Refunds and terminals are the operator's; finance and audit look. */
export const useCanAct = () => useRole("OPERATOR");
export const useMyId = () => {
  const me = inject(ME);
  return computed(() => me?.value?.id ?? null);
};
