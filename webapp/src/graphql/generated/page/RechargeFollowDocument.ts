import type { Trusted } from "@/graphql/client";
import type { RechargeFollowQuery, RechargeFollowQueryVariables } from "./types";

export const RechargeFollowDocument = {"__meta__":{"hash":"bc73bf59ae443602278f353b432dfca23fa81b16150bd3ec567c0f070b3a34de"}} as Trusted<RechargeFollowQuery, RechargeFollowQueryVariables>;
