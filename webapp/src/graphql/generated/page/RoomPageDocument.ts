import type { Trusted } from "@/graphql/client";
import type { RoomPageQuery, RoomPageQueryVariables } from "./types";

export const RoomPageDocument = {"__meta__":{"hash":"3b18bc6603d3db374e13863a7d80bc74f3366ae26f607c1287d88ee30a333398"}} as Trusted<RoomPageQuery, RoomPageQueryVariables>;
