// A purchase of electricity, followed to its end.
import { useOrder } from "@/composables/useOrder";
import {
  ElectricityConfirmDocument,
  ElectricityFollowDocument,
  type ElectricityProgressFragment,
} from "@/graphql/generated/page/graphql";
import { apiLanguage } from "@/i18n";
import { currentLogin, send } from "@/session";
import { keepSeen } from "@/session/cache";
import { finishWish } from "@/session/callerId";
import { fresh, isOver, WISH } from "./order";

export function useElectricity(id: string) {
  return useOrder<ElectricityProgressFragment>({
    isOver,
    async read() {
      const found = await send(ElectricityFollowDocument, { id, language: apiLanguage() });
      return {
        order: found.electricityOrder,
        bridgeUrl: found.school.wechatBridgeUrl,
      };
    },
    async confirm() {
      const variables = { input: { order: id }, language: apiLanguage() };
      const { electricityConfirm: result } = await send(ElectricityConfirmDocument, variables);
      if (result.__typename === "ElectricityConfirmed") return { order: result.order };
      const passing = result.__typename === "ServiceUnavailable";
      return { refusal: passing ? null : result, missing: result.__typename === "OrderUnknown" };
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
