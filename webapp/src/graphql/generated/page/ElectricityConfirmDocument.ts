import type { Trusted } from "@/graphql/client";
import type { ElectricityConfirmMutation, ElectricityConfirmMutationVariables } from "./types";

export const ElectricityConfirmDocument = {"__meta__":{"hash":"816f6ed0e7e9e6d24b51b383f87585b767d6e7b6e56b7594e52f679f26ab263f"}} as Trusted<ElectricityConfirmMutation, ElectricityConfirmMutationVariables>;
