import type { Trusted } from "@/graphql/client";
import type { PowerRestoreApplyMutation, PowerRestoreApplyMutationVariables } from "./types";

export const PowerRestoreApplyDocument = {"__meta__":{"hash":"20f36d8c9688260502f432c09ae74e1d6ba121e6591998894b24adcbbe025c0e"}} as Trusted<PowerRestoreApplyMutation, PowerRestoreApplyMutationVariables>;
