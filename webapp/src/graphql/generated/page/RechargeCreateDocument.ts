import type { Trusted } from "@/graphql/client";
import type { RechargeCreateMutation, RechargeCreateMutationVariables } from "./types";

export const RechargeCreateDocument = {"__meta__":{"hash":"29a288c39635a7538142144785809c40c74109d2d7161a8cf88f296c70e33aaf"}} as Trusted<RechargeCreateMutation, RechargeCreateMutationVariables>;
