import type { Trusted } from "@/graphql/client";
import type { ElectricityFollowQuery, ElectricityFollowQueryVariables } from "./types";

export const ElectricityFollowDocument = {"__meta__":{"hash":"4a9d9ad51c15d1325298fe4083e9d93c7af707eed1d7c6aabe1a0f17b9f76fba"}} as Trusted<ElectricityFollowQuery, ElectricityFollowQueryVariables>;
