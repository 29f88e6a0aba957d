import type { Trusted } from "@/graphql/client";
import type { RechargeConfirmMutation, RechargeConfirmMutationVariables } from "./types";

export const RechargeConfirmDocument = {"__meta__":{"hash":"c667a6970a5ef23412d538dfa8933f98d256c72085d6291a158dbe1ad9845df5"}} as Trusted<RechargeConfirmMutation, RechargeConfirmMutationVariables>;
