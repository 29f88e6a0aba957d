import type { Trusted } from "@/graphql/client";
import type { ElectricityConfirmMutation, ElectricityConfirmMutationVariables } from "./types";

export const ElectricityConfirmDocument = {"__meta__":{"hash":"2b9d1c853b1daddcf533448b35fabb65091a080e4e369f20c99289fe6997b4c2"}} as Trusted<ElectricityConfirmMutation, ElectricityConfirmMutationVariables>;
