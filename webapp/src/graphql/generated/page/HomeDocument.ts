import type { Trusted } from "@/graphql/client";
import type { HomeQuery, HomeQueryVariables } from "./types";

export const HomeDocument = {"__meta__":{"hash":"3c218936ba3a6ee29c2a92b43bfdc1b7326f354a350dc049ad84b1b16fd48b1b"}} as Trusted<HomeQuery, HomeQueryVariables>;
