import type { Trusted } from "@/graphql/client";
import type { ElectricityDeskQuery, ElectricityDeskQueryVariables } from "./types";

export const ElectricityDeskDocument = {"__meta__":{"hash":"2371a108a0e14ba618ed7c980a510d964eeadb679cf582463e78127d7960fa72"}} as Trusted<ElectricityDeskQuery, ElectricityDeskQueryVariables>;
