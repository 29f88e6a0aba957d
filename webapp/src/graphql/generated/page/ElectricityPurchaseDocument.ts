import type { Trusted } from "@/graphql/client";
import type { ElectricityPurchaseMutation, ElectricityPurchaseMutationVariables } from "./types";

export const ElectricityPurchaseDocument = {"__meta__":{"hash":"5a37efd52faf58dbc2a5569bb3681c911f8365ec300a72659d0a0365f776a4b6"}} as Trusted<ElectricityPurchaseMutation, ElectricityPurchaseMutationVariables>;
