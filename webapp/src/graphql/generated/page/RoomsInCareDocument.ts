import type { Trusted } from "@/graphql/client";
import type { RoomsInCareQuery, RoomsInCareQueryVariables } from "./types";

export const RoomsInCareDocument = {"__meta__":{"hash":"b62a447a4a822a5a384d2099291764c2cd226da14f215824bdd584da274e8d42"}} as Trusted<RoomsInCareQuery, RoomsInCareQueryVariables>;
