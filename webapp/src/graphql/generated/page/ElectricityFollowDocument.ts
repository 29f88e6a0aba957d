import type { Trusted } from "@/graphql/client";
import type { ElectricityFollowQuery, ElectricityFollowQueryVariables } from "./types";

export const ElectricityFollowDocument = {"__meta__":{"hash":"22c0773e777942fa015c81330da93322783d9680303d0a5d0ba3d472b7e38c8b"}} as Trusted<ElectricityFollowQuery, ElectricityFollowQueryVariables>;
