import type { Trusted } from "@/graphql/client";
import type { RoomPageQuery, RoomPageQueryVariables } from "./types";

export const RoomPageDocument = {"__meta__":{"hash":"3910f1f179739df59b31a9f7cefad4efd15c14521e6e25d21c9cec5d986c2b24"}} as Trusted<RoomPageQuery, RoomPageQueryVariables>;
