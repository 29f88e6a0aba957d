import type { Trusted } from "@/graphql/client";
import type { DeskOrderNumberedQuery, DeskOrderNumberedQueryVariables } from "./types";

export const DeskOrderNumberedDocument = {"__meta__":{"hash":"62048dfaa328de6600e45b9ff6fb3fd838b67c452db168ab7d7030a39c3b3fcf"}} as Trusted<DeskOrderNumberedQuery, DeskOrderNumberedQueryVariables>;
