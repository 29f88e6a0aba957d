import type { Trusted } from "@/graphql/client";
import type { AccountChangedSubscription, AccountChangedSubscriptionVariables } from "./types";

export const AccountChangedDocument = {"__meta__":{"hash":"39948d85450edde654ed02f6c7827b8e24aaf024e5c6706cb7c4f6eae2876cef"}} as Trusted<AccountChangedSubscription, AccountChangedSubscriptionVariables>;
