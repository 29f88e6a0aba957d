import type { Trusted } from "@/graphql/client";
import type { RechargeConfirmMutation, RechargeConfirmMutationVariables } from "./types";

export const RechargeConfirmDocument = {"__meta__":{"hash":"d5df5c773d0f53d5659e6842dfb019c9205fca9175deafa0a8d78d4e28d24fb9"}} as Trusted<RechargeConfirmMutation, RechargeConfirmMutationVariables>;
