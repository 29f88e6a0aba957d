import type { Trusted } from "@/graphql/client";
import type { RoomPurchasesQuery, RoomPurchasesQueryVariables } from "./types";

export const RoomPurchasesDocument = {"__meta__":{"hash":"eef55bba1c395f32bf1440d00223ae6e21769832d2adbdd5ac90b732c0bbffd4"}} as Trusted<RoomPurchasesQuery, RoomPurchasesQueryVariables>;
