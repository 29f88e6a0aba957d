import type { Trusted } from "@/graphql/client";
import type { RoomPageQuery, RoomPageQueryVariables } from "./types";

export const RoomPageDocument = {"__meta__":{"hash":"02993291ae8b25ac19ced5151b08de65c6cdafac99894b6f8333b42727b3eeee"}} as Trusted<RoomPageQuery, RoomPageQueryVariables>;
