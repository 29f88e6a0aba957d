import type { Trusted } from "@/graphql/client";
import type { BankCardConfirmMutation, BankCardConfirmMutationVariables } from "./types";

export const BankCardConfirmDocument = {"__meta__":{"hash":"c6abe9f4e3c0cd4373314812d3f59db0c72e7670b3eff79426e963b2c6d5e32d"}} as Trusted<BankCardConfirmMutation, BankCardConfirmMutationVariables>;
