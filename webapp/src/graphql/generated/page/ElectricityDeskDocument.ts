import type { Trusted } from "@/graphql/client";
import type { ElectricityDeskQuery, ElectricityDeskQueryVariables } from "./types";

export const ElectricityDeskDocument = {"__meta__":{"hash":"eaa3d5a539dfe5a9147d6ca04e660d292beb94ba87e202e95257f95c519d40cb"}} as Trusted<ElectricityDeskQuery, ElectricityDeskQueryVariables>;
