import type { Trusted } from "@/graphql/client";
import type { RoomPurchasesQuery, RoomPurchasesQueryVariables } from "./types";

export const RoomPurchasesDocument = {"__meta__":{"hash":"8772d2f223454cca4bb2dfcd2a828a9a5910d1678eb243dc8c46a6caedd102ee"}} as Trusted<RoomPurchasesQuery, RoomPurchasesQueryVariables>;
