import type { Trusted } from "@/graphql/client";
import type { DeskTerminalsQuery, DeskTerminalsQueryVariables } from "./types";

export const DeskTerminalsDocument = {"__meta__":{"hash":"e1e7677c39e0da7ffba33430f14705076d9dc57b92eb37836a4ca1e74968f571"}} as Trusted<DeskTerminalsQuery, DeskTerminalsQueryVariables>;
