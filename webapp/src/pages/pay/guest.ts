// Who opened a pay link: a session of their own, and one wish to pay.
import { ref } from "vue";
import { PayLinkPayDocument, type PayLinkPayMutation } from "@/graphql/generated/page/graphql";
import { createClient } from "@/graphql/client";
import { apiLanguage } from "@/i18n";
import { isOver } from "@/pages/electricity/order";
import { finishWish, keepWish } from "@/session/callerId";
import { createSession } from "@/session/session";

export const WISH = "pay";
/** The link has to be opened again. */
export const lost = ref(false);
/** The order just made on this visit; its payment opens by itself. */
export const fresh: { id: string | null } = { id: null };

const session = createSession({
  fetch: (...request) => fetch(...request),
  now: () => Date.now(),
  at: "/auth/guest",
  handOff: () => (lost.value = true),
});
export const send = createClient({
  fetch: (...request) => fetch(...request),
  session,
  wait: (ms) => new Promise((done) => setTimeout(done, ms)),
});

export async function payByLink(amount: string): Promise<PayLinkPayMutation["payLinkPay"]> {
  for (let turn = 0; ; turn++) {
    const id = keepWish(WISH, "", { amount });
    const { payLinkPay: result } = await send(PayLinkPayDocument, { input: { id, amount }, language: apiLanguage() });
    if (result.__typename === "PayLinkOrdered") {
      const ended = result.replayed && isOver(result.order.state);
      if (!ended || turn > 0) return result;
    } else if (result.__typename === "ServiceUnavailable" || result.__typename === "TooManyAttempts")
      return result; // not final: same id again
    finishWish(WISH);
    if (result.__typename !== "PayLinkOrdered") return result;
  }
}
