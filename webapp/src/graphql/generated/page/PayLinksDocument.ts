import type { Trusted } from "@/graphql/client";
import type { PayLinksQuery, PayLinksQueryVariables } from "./types";

export const PayLinksDocument = {"__meta__":{"hash":"18bc6c9b8799d3663ffc3ffb782d02b5b0fe57bbe9656f444fa3250c70129752"}} as Trusted<PayLinksQuery, PayLinksQueryVariables>;
