// A recharge, followed to its end.
import { useOrder } from "@/composables/useOrder";
import {
  RechargeConfirmDocument,
  RechargeFollowDocument,
  type RechargeProgressFragment,
} from "@/graphql/generated/page/graphql";
import { apiLanguage } from "@/i18n";
import { currentLogin, send } from "@/session";
import { keepSeen } from "@/session/cache";
import { finishWish } from "@/session/callerId";
import { fresh, isOver, WISH } from "./order";

export function useRecharge(id: string) {
  return useOrder<RechargeProgressFragment>({
    isOver,
    async read() {
      const found = await send(RechargeFollowDocument, { id });
      return { order: found.recharge, bridgeUrl: found.school.wechatBridgeUrl };
    },
    async confirm() {
      const variables = { input: { recharge: id }, language: apiLanguage() };
      const { rechargeConfirm: result } = await send(RechargeConfirmDocument, variables);
      if (result.__typename === "RechargeConfirmed") return { order: result.recharge };
      const passing = result.__typename === "ServiceUnavailable";
      return { refusal: passing ? null : result, missing: result.__typename === "RechargeUnknown" };
    },
    takeFresh() {
      const mine = fresh.id === id;
      fresh.id = null;
      return mine;
    },
    onOver() {
      finishWish(WISH);
      keepSeen(currentLogin(), "home", null); // the kept first picture is of before
    },
  });
}
