// One wish to pay for a room, one order: the id is kept until the order has an end.
import { ElectricityPurchaseDocument, type PayMethod } from "@/graphql/generated/page/graphql";
import type { ElectricityPurchaseMutation } from "@/graphql/generated/page/graphql";
import { apiLanguage } from "@/i18n";
import { finishWish, keepWish } from "@/session/callerId";
import { currentLogin, send } from "@/session";

export type PurchaseResult = ElectricityPurchaseMutation["electricityPurchase"];
export const WISH = "electricity";

/** The order just made on this visit; its payment opens by itself, after a reload it does not. */
export const fresh: { id: string | null } = { id: null };

const OVER = new Set(["DELIVERED", "REFUNDED", "CLOSED", "FAILED", "DISPUTED"]);
export const isOver = (state: string): boolean => OVER.has(state);

export interface Wanted {
  room: string;
  amount: string;
  method: PayMethod;
}

export async function buyElectricity(want: Wanted): Promise<PurchaseResult> {
  for (let turn = 0; ; turn++) {
    const id = keepWish(WISH, currentLogin() ?? "", want);
    const variables = { input: { id, ...want }, language: apiLanguage() };
    const { electricityPurchase: result } = await send(ElectricityPurchaseDocument, variables);
    if (result.__typename === "ElectricityPurchased") {
      // The kept id may be of an order that ended meanwhile: what is wanted now is another one.
      const ended = result.replayed && isOver(result.order.state);
      if (!ended || turn > 0) return result;
    } else if (result.__typename === "ServiceUnavailable" || result.__typename === "TooManyAttempts")
      return result; // not final: same id again
    finishWish(WISH);
    if (result.__typename !== "ElectricityPurchased") return result;
  }
}
