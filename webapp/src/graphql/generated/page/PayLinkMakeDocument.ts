import type { Trusted } from "@/graphql/client";
import type { PayLinkMakeMutation, PayLinkMakeMutationVariables } from "./types";

export const PayLinkMakeDocument = {"__meta__":{"hash":"3e5be0c93e3e85039e2c53232056a362a8e1794df31e42d9357b0252ebba0e38"}} as Trusted<PayLinkMakeMutation, PayLinkMakeMutationVariables>;
