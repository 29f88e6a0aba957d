import type { Trusted } from "@/graphql/client";
import type { RechargeCreateMutation, RechargeCreateMutationVariables } from "./types";

export const RechargeCreateDocument = {"__meta__":{"hash":"493fc00b2769346c94b6fd74e32a644f998cd497df26c9e5aaa8cc9de570a5bd"}} as Trusted<RechargeCreateMutation, RechargeCreateMutationVariables>;
