import type { Trusted } from "@/graphql/client";
import type { PayLinkFollowQuery, PayLinkFollowQueryVariables } from "./types";

export const PayLinkFollowDocument = {"__meta__":{"hash":"d6666239cd8ee2dc5b39b244f0af5485a1ffee18f59bfcc86c449a348bda7122"}} as Trusted<PayLinkFollowQuery, PayLinkFollowQueryVariables>;
