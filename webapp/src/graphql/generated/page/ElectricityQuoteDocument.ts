import type { Trusted } from "@/graphql/client";
import type { ElectricityQuoteQuery, ElectricityQuoteQueryVariables } from "./types";

export const ElectricityQuoteDocument = {"__meta__":{"hash":"46c2a4a5c9a1e6600614e18a95d8c5df3e0ab6aa9a7d5f64093c7efdb39980df"}} as Trusted<ElectricityQuoteQuery, ElectricityQuoteQueryVariables>;
