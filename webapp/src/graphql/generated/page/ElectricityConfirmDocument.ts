import type { Trusted } from "@/graphql/client";
import type { ElectricityConfirmMutation, ElectricityConfirmMutationVariables } from "./types";

export const ElectricityConfirmDocument = {"__meta__":{"hash":"c998a7e9a31fdde2b3636cb033519f16b7d023072d9933621d898b13a1401716"}} as Trusted<ElectricityConfirmMutation, ElectricityConfirmMutationVariables>;
