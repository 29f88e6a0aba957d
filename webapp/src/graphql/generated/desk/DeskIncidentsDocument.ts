import type { Trusted } from "@/graphql/client";
import type { DeskIncidentsQuery, DeskIncidentsQueryVariables } from "./types";

export const DeskIncidentsDocument = {"__meta__":{"hash":"af752eb1a40a4e849ec58da11ea5ef094f4b58dd060964e17695caccb1747f71"}} as Trusted<DeskIncidentsQuery, DeskIncidentsQueryVariables>;
