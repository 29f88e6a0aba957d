import type { Trusted } from "@/graphql/client";
import type { ElectricityFollowQuery, ElectricityFollowQueryVariables } from "./types";

export const ElectricityFollowDocument = {"__meta__":{"hash":"a3e54f3c694eff8211061e6f19314fcd720eb6063dae18d75b3a09641f96a087"}} as Trusted<ElectricityFollowQuery, ElectricityFollowQueryVariables>;
