import type { Trusted } from "@/graphql/client";
import type { ElectricityPurchaseManyMutation, ElectricityPurchaseManyMutationVariables } from "./types";

export const ElectricityPurchaseManyDocument = {"__meta__":{"hash":"d255390ed1100c71cf8b6cc2ba1e0640a8375b0694148ffca33b1ca390bc8815"}} as Trusted<ElectricityPurchaseManyMutation, ElectricityPurchaseManyMutationVariables>;
