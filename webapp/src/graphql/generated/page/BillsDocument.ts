import type { Trusted } from "@/graphql/client";
import type { BillsQuery, BillsQueryVariables } from "./types";

export const BillsDocument = {"__meta__":{"hash":"9294ed7bd99c4a68b06daf96918642f340bd68615002d76e4dfcabdf60ab3b67"}} as Trusted<BillsQuery, BillsQueryVariables>;
