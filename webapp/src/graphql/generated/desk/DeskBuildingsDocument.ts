import type { Trusted } from "@/graphql/client";
import type { DeskBuildingsQuery, DeskBuildingsQueryVariables } from "./types";

export const DeskBuildingsDocument = {"__meta__":{"hash":"c74a9283ca74ef99f7f27bad2f22054e5b1ea9aba212c6bd85452411d0e386d1"}} as Trusted<DeskBuildingsQuery, DeskBuildingsQueryVariables>;
