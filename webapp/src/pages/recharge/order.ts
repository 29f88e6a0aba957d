// One wish to recharge, one order: the id is kept until the order has an end.
import {
  RechargeCreateDocument,
  type RechargeCreateMutation,
  type RechargeMethod,
  type WalletType,
} from "@/graphql/generated/page/graphql";
import { apiLanguage } from "@/i18n";
import { finishWish, keepWish } from "@/session/callerId";
import { currentLogin, send } from "@/session";

export type OrderResult = RechargeCreateMutation["rechargeCreate"];
export const WISH = "recharge";

/** The order just made on this visit; its payment opens by itself, after a reload it does not. */
export const fresh: { id: string | null } = { id: null };

const OVER = new Set(["CREDITED", "CLOSED", "FAILED", "REFUNDED", "PARTLY_REFUNDED"]);
export const isOver = (state: string): boolean => OVER.has(state);

export interface Wanted {
  amount: string;
  walletType: WalletType;
  method: RechargeMethod;
}

export async function orderRecharge(want: Wanted): Promise<OrderResult> {
  for (let turn = 0; ; turn++) {
    const id = keepWish(WISH, currentLogin() ?? "", want);
    const variables = { input: { id, ...want }, language: apiLanguage() };
    const { rechargeCreate: result } = await send(RechargeCreateDocument, variables);
    if (result.__typename === "RechargeCreated") {
      // The kept id may be of an order that ended meanwhile: what is wanted now is another one.
      const ended = result.replayed && isOver(result.recharge.state);
      if (!ended || turn > 0) return result;
    } else if (result.__typename === "ServiceUnavailable" || result.__typename === "TooManyAttempts")
      return result; // not final: same id again
    finishWish(WISH);
    if (result.__typename !== "RechargeCreated") return result;
  }
}
