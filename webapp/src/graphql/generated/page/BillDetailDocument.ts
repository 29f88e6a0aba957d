import type { Trusted } from "@/graphql/client";
import type { BillDetailQuery, BillDetailQueryVariables } from "./types";

export const BillDetailDocument = {"__meta__":{"hash":"2117fb867041bea46211da55f947adf74df47f387bcdb299fdd46ba4f81bd55e"}} as Trusted<BillDetailQuery, BillDetailQueryVariables>;
