import type { Trusted } from "@/graphql/client";
import type { OwnUsageQuery, OwnUsageQueryVariables } from "./types";

export const OwnUsageDocument = {"__meta__":{"hash":"74804af3ecde581bf971a4a438ae7f0efc7431aefaa8e656db9ed1760561e305"}} as Trusted<OwnUsageQuery, OwnUsageQueryVariables>;
