import type { Trusted } from "@/graphql/client";
import type { ElectricityPurchaseMutation, ElectricityPurchaseMutationVariables } from "./types";

export const ElectricityPurchaseDocument = {"__meta__":{"hash":"5e2536e38ed2195a7a05bc24e44043ed7c5289e69ddf952fc36deda2f6006bda"}} as Trusted<ElectricityPurchaseMutation, ElectricityPurchaseMutationVariables>;
