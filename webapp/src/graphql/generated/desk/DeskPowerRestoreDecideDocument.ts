import type { Trusted } from "@/graphql/client";
import type { DeskPowerRestoreDecideMutation, DeskPowerRestoreDecideMutationVariables } from "./types";

export const DeskPowerRestoreDecideDocument = {"__meta__":{"hash":"2475644269acb45aca2e81f615451c8023a9a68309937d1cae793595c9109029"}} as Trusted<DeskPowerRestoreDecideMutation, DeskPowerRestoreDecideMutationVariables>;
