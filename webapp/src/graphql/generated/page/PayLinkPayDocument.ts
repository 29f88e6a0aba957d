import type { Trusted } from "@/graphql/client";
import type { PayLinkPayMutation, PayLinkPayMutationVariables } from "./types";

export const PayLinkPayDocument = {"__meta__":{"hash":"d26ca92840bfe8bb2d4a4f8188989a9c596d877f3cefb1ef5665517b5c19e8e5"}} as Trusted<PayLinkPayMutation, PayLinkPayMutationVariables>;
