import type { Trusted } from "@/graphql/client";
import type { ElectricityPurchaseMutation, ElectricityPurchaseMutationVariables } from "./types";

export const ElectricityPurchaseDocument = {"__meta__":{"hash":"53906253e78555698314516b057d6f92ff945667d47b94c8935fe9fc64f94dd1"}} as Trusted<ElectricityPurchaseMutation, ElectricityPurchaseMutationVariables>;
