import type { Trusted } from "@/graphql/client";
import type { DeskRoomsQuery, DeskRoomsQueryVariables } from "./types";

export const DeskRoomsDocument = {"__meta__":{"hash":"02b7fca378789b489fc3ab0b00a03d0eb5075b019de898882b9a5ca69eaea159"}} as Trusted<DeskRoomsQuery, DeskRoomsQueryVariables>;
