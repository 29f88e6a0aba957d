import type { Trusted } from "@/graphql/client";
import type { ElectricityRoomQuery, ElectricityRoomQueryVariables } from "./types";

export const ElectricityRoomDocument = {"__meta__":{"hash":"e69f5bdf9cbf662c7786773b3fd049478b4039ffccc02d89efebfd00de4dd4b6"}} as Trusted<ElectricityRoomQuery, ElectricityRoomQueryVariables>;
