import type { Trusted } from "@/graphql/client";
import type { RoomPageQuery, RoomPageQueryVariables } from "./types";

export const RoomPageDocument = {"__meta__":{"hash":"7d0dd1724a61ed6928b05e84ab5142bd7ad60088fe20fd6a64579a1425d24f11"}} as Trusted<RoomPageQuery, RoomPageQueryVariables>;
