import type { Trusted } from "@/graphql/client";
import type { PayLinkEndMutation, PayLinkEndMutationVariables } from "./types";

export const PayLinkEndDocument = {"__meta__":{"hash":"a6686c8e070420e8f379bb4572514724de2b333414a245183879dded6ca3a429"}} as Trusted<PayLinkEndMutation, PayLinkEndMutationVariables>;
