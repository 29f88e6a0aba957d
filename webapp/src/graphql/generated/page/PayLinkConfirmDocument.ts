import type { Trusted } from "@/graphql/client";
import type { PayLinkConfirmMutation, PayLinkConfirmMutationVariables } from "./types";

export const PayLinkConfirmDocument = {"__meta__":{"hash":"536716df4c8f9798e25a872c9ed817d6a8192d8b6fa6432d3a1ec4741969e603"}} as Trusted<PayLinkConfirmMutation, PayLinkConfirmMutationVariables>;
