import type { Trusted } from "@/graphql/client";
import type { DeskMetersQuery, DeskMetersQueryVariables } from "./types";

export const DeskMetersDocument = {"__meta__":{"hash":"4d896d043a7ffca3280905901ac1f4ee45106f067e9f6156d053f3429f39b504"}} as Trusted<DeskMetersQuery, DeskMetersQueryVariables>;
