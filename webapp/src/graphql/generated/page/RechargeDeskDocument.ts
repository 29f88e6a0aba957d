import type { Trusted } from "@/graphql/client";
import type { RechargeDeskQuery, RechargeDeskQueryVariables } from "./types";

export const RechargeDeskDocument = {"__meta__":{"hash":"400f31685d6befbf0191d5084a1f846e8a6563e00ae7b486d06f73fb1903b63a"}} as Trusted<RechargeDeskQuery, RechargeDeskQueryVariables>;
