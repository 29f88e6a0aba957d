import type { Trusted } from "@/graphql/client";
import type { RoomUsageQuery, RoomUsageQueryVariables } from "./types";

export const RoomUsageDocument = {"__meta__":{"hash":"7402883b4d785fb26c2a869ac54c07d2c551fb24b8c63db8880c57c5553967cc"}} as Trusted<RoomUsageQuery, RoomUsageQueryVariables>;
