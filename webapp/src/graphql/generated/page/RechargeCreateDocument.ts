import type { Trusted } from "@/graphql/client";
import type { RechargeCreateMutation, RechargeCreateMutationVariables } from "./types";

export const RechargeCreateDocument = {"__meta__":{"hash":"0bac0b9fc9937936f75d0eb58d7e1f776a825b1e5a7208c0395129bfe7d2f10c"}} as Trusted<RechargeCreateMutation, RechargeCreateMutationVariables>;
