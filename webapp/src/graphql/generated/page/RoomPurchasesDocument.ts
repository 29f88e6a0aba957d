import type { Trusted } from "@/graphql/client";
import type { RoomPurchasesQuery, RoomPurchasesQueryVariables } from "./types";

export const RoomPurchasesDocument = {"__meta__":{"hash":"e6f8c166280b77c7e32d806aa9c1bcaa1e9e09c957e97727abfb9efd08073376"}} as Trusted<RoomPurchasesQuery, RoomPurchasesQueryVariables>;
