import type { Trusted } from "@/graphql/client";
import type { RechargeRefundMutation, RechargeRefundMutationVariables } from "./types";

export const RechargeRefundDocument = {"__meta__":{"hash":"931f4b6a7661b87f278df761d512b1f3a887d485dfa5d3b6e37e9ca95de2a224"}} as Trusted<RechargeRefundMutation, RechargeRefundMutationVariables>;
