import type { Trusted } from "@/graphql/client";
import type { DeskElectricityQuery, DeskElectricityQueryVariables } from "./types";

export const DeskElectricityDocument = {"__meta__":{"hash":"d056fca5b429665d6dc1111e9af7410b6d529d2bd2aca638f1550c32b5fb7ea9"}} as Trusted<DeskElectricityQuery, DeskElectricityQueryVariables>;
