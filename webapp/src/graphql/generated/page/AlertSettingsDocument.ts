import type { Trusted } from "@/graphql/client";
import type { AlertSettingsQuery, AlertSettingsQueryVariables } from "./types";

export const AlertSettingsDocument = {"__meta__":{"hash":"663076f07576e62693f0b732939187d6608336c13477ef3789f3adeaf6359aa7"}} as Trusted<AlertSettingsQuery, AlertSettingsQueryVariables>;
