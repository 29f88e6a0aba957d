import type { Trusted } from "@/graphql/client";
import type { BillsQuery, BillsQueryVariables } from "./types";

export const BillsDocument = {"__meta__":{"hash":"f785bd2d764f864f71c06b5ce79589ac54abcfc70bb0c11639f76f9102590f21"}} as Trusted<BillsQuery, BillsQueryVariables>;
