import type { Trusted } from "@/graphql/client";
import type { RechargeFollowQuery, RechargeFollowQueryVariables } from "./types";

export const RechargeFollowDocument = {"__meta__":{"hash":"f8e45fce6a2d9f13e3687104ccc5323013c3eebc7aab5546dbdf1bff8005bb6d"}} as Trusted<RechargeFollowQuery, RechargeFollowQueryVariables>;
