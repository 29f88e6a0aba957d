import type { Trusted } from "@/graphql/client";
import type { ObstaclesQuery, ObstaclesQueryVariables } from "./types";

export const ObstaclesDocument = {"__meta__":{"hash":"56318bf95a3dd1e7b7019311b69ad3e37b4559dc9dc279bd51eba0adaf24fa10"}} as Trusted<ObstaclesQuery, ObstaclesQueryVariables>;
