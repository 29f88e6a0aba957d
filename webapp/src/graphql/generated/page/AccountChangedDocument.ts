import type { Trusted } from "@/graphql/client";
import type { AccountChangedSubscription, AccountChangedSubscriptionVariables } from "./types";

export const AccountChangedDocument = {"__meta__":{"hash":"1425f18b5e6472a552a6a386de5a2e9ae84425f54d49dafdb20204dd15f78878"}} as Trusted<AccountChangedSubscription, AccountChangedSubscriptionVariables>;
