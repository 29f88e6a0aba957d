import type { Trusted } from "@/graphql/client";
import type { RechargeDeskQuery, RechargeDeskQueryVariables } from "./types";

export const RechargeDeskDocument = {"__meta__":{"hash":"6bf94b24aa3ec04cff11e424fc046e9e3b981f20a8a7b8c12563984d7505aba4"}} as Trusted<RechargeDeskQuery, RechargeDeskQueryVariables>;
