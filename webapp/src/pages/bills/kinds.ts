// Kinds of bills as a student filters them, and their picture.
import { billsIcon, mealIcon, powerIcon, rechargeIcon, undoIcon } from "@/icons/home";
import type { BillKind } from "@/graphql/generated/page/graphql";

export const GROUPS = {
  all: null,
  spent: ["PAYMENT", "CARD_TAP", "FEE", "ELECTRICITY"],
  recharged: ["RECHARGE"],
  returned: ["REFUND", "REVERSAL"],
} satisfies Record<string, BillKind[] | null>;
export type Group = keyof typeof GROUPS;

export function billIcon(kind: BillKind): string {
  if (kind === "RECHARGE" || kind === "CHIP_LOAD") return rechargeIcon;
  if (kind === "REFUND" || kind === "REVERSAL") return undoIcon;
  if (kind === "ELECTRICITY") return powerIcon;
  return kind === "PAYMENT" || kind === "CARD_TAP" ? mealIcon : billsIcon;
}

export const isIn = (amount: string): boolean => !amount.startsWith("-") && /[1-9]/.test(amount);
