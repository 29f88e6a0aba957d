import type { Trusted } from "@/graphql/client";
import type { ElectricityDeskQuery, ElectricityDeskQueryVariables } from "./types";

export const ElectricityDeskDocument = {"__meta__":{"hash":"c3f4d7796104dc7dcbca835839a679604740603c503e96a05a6e4157740253e0"}} as Trusted<ElectricityDeskQuery, ElectricityDeskQueryVariables>;
