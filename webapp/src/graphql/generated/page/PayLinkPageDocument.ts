import type { Trusted } from "@/graphql/client";
import type { PayLinkPageQuery, PayLinkPageQueryVariables } from "./types";

export const PayLinkPageDocument = {"__meta__":{"hash":"5afaaa962d66993b6b7aa4701cb86a77554e8e2b8dd8619d5eee04c5fe2af470"}} as Trusted<PayLinkPageQuery, PayLinkPageQueryVariables>;
