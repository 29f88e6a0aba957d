import type { Trusted } from "@/graphql/client";
import type { RoomPageQuery, RoomPageQueryVariables } from "./types";

export const RoomPageDocument = {"__meta__":{"hash":"5ffe611cd0d2e58c972609ce90c2d8b3dd85c0355d1d6a4f60366831a8e765f2"}} as Trusted<RoomPageQuery, RoomPageQueryVariables>;
