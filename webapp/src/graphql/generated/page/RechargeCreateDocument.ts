import type { Trusted } from "@/graphql/client";
import type { RechargeCreateMutation, RechargeCreateMutationVariables } from "./types";

export const RechargeCreateDocument = {"__meta__":{"hash":"61679595e90afb4b44ea1992c2747efb9466537482023cbc74481fc941eaba74"}} as Trusted<RechargeCreateMutation, RechargeCreateMutationVariables>;
