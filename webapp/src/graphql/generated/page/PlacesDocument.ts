import type { Trusted } from "@/graphql/client";
import type { PlacesQuery, PlacesQueryVariables } from "./types";

export const PlacesDocument = {"__meta__":{"hash":"05f2f01ecc031df5f54c07a1a9830dad2af80cebfc3617ffb55f1d402df47bb8"}} as Trusted<PlacesQuery, PlacesQueryVariables>;
