import type { Trusted } from "@/graphql/client";
import type { RoomPurchasesQuery, RoomPurchasesQueryVariables } from "./types";

export const RoomPurchasesDocument = {"__meta__":{"hash":"2c8667c4b9508d05f39b8d9addc80ec5479c9c8be4630fc058c80620ef34efaa"}} as Trusted<RoomPurchasesQuery, RoomPurchasesQueryVariables>;
