import type { Trusted } from "@/graphql/client";
import type { BankCardUnbindMutation, BankCardUnbindMutationVariables } from "./types";

export const BankCardUnbindDocument = {"__meta__":{"hash":"b05d00afb5c5ccf5badc1feff828ff8b89870bd12e7bd92ba05485c7cbc63cb9"}} as Trusted<BankCardUnbindMutation, BankCardUnbindMutationVariables>;
