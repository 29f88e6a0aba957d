import type { Trusted } from "@/graphql/client";
import type { RoomsOfFloorQuery, RoomsOfFloorQueryVariables } from "./types";

export const RoomsOfFloorDocument = {"__meta__":{"hash":"03e93f5575c0f16603052054e4d2d5f1e7782021b6d1ebf46e17ca6b42749b8a"}} as Trusted<RoomsOfFloorQuery, RoomsOfFloorQueryVariables>;
