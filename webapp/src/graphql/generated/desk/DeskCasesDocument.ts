import type { Trusted } from "@/graphql/client";
import type { DeskCasesQuery, DeskCasesQueryVariables } from "./types";

export const DeskCasesDocument = {"__meta__":{"hash":"53e20cd5e2e8a49f84e9f9b8f803a0a20253d6954f4f7e3cc6a7f8ff4a2f0a82"}} as Trusted<DeskCasesQuery, DeskCasesQueryVariables>;
