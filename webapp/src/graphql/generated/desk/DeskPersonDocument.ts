import type { Trusted } from "@/graphql/client";
import type { DeskPersonQuery, DeskPersonQueryVariables } from "./types";

export const DeskPersonDocument = {"__meta__":{"hash":"f76bf30eb8e92e88d818e3a95b9d7ea1f9234a73275ad021efe27d0e7634d0f1"}} as Trusted<DeskPersonQuery, DeskPersonQueryVariables>;
