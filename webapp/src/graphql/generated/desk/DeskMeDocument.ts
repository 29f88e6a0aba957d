import type { Trusted } from "@/graphql/client";
import type { DeskMeQuery, DeskMeQueryVariables } from "./types";

export const DeskMeDocument = {"__meta__":{"hash":"eba9d083e3317a705e5c62088c94323902457e0ba4e386aa5d1cb5fecae56320"}} as Trusted<DeskMeQuery, DeskMeQueryVariables>;
