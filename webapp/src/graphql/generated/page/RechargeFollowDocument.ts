import type { Trusted } from "@/graphql/client";
import type { RechargeFollowQuery, RechargeFollowQueryVariables } from "./types";

export const RechargeFollowDocument = {"__meta__":{"hash":"80a78c6e5bd2703dfff24554f56385be1ccd8fcc47f55bf7c02c47cea74cf650"}} as Trusted<RechargeFollowQuery, RechargeFollowQueryVariables>;
