import type { Trusted } from "@/graphql/client";
import type { PaymentCodeWatchQuery, PaymentCodeWatchQueryVariables } from "./types";

export const PaymentCodeWatchDocument = {"__meta__":{"hash":"2666dede5bb899eb4eccaa0a302e969e2462ca63f7f0a22f73ce1ead17832cd3"}} as Trusted<PaymentCodeWatchQuery, PaymentCodeWatchQueryVariables>;
