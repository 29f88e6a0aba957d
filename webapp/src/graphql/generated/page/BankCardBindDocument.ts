import type { Trusted } from "@/graphql/client";
import type { BankCardBindMutation, BankCardBindMutationVariables } from "./types";

export const BankCardBindDocument = {"__meta__":{"hash":"46716e3f2702d51fa4d1b6c89a773670030e992ed8377c9995c4228ed03e9ff1"}} as Trusted<BankCardBindMutation, BankCardBindMutationVariables>;
