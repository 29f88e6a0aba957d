import type { Trusted } from "@/graphql/client";
import type { MonthTotalsQuery, MonthTotalsQueryVariables } from "./types";

export const MonthTotalsDocument = {"__meta__":{"hash":"8be276cfdbcdb869cb10806ef1092e75fb23eee5878e8215ef15b3af7330747c"}} as Trusted<MonthTotalsQuery, MonthTotalsQueryVariables>;
