import type { Trusted } from "@/graphql/client";
import type { PaymentCodeWatchQuery, PaymentCodeWatchQueryVariables } from "./types";

export const PaymentCodeWatchDocument = {"__meta__":{"hash":"7f5d059ba36aa0ed4beb81ced8a9e39af0e64ed89d7a30b85e539e40c547085c"}} as Trusted<PaymentCodeWatchQuery, PaymentCodeWatchQueryVariables>;
