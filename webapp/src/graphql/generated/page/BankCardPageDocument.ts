import type { Trusted } from "@/graphql/client";
import type { BankCardPageQuery, BankCardPageQueryVariables } from "./types";

export const BankCardPageDocument = {"__meta__":{"hash":"aeeb07ae7c57164a8ce86f94da98542b417c9b87318b057ff814aab009e16560"}} as Trusted<BankCardPageQuery, BankCardPageQueryVariables>;
