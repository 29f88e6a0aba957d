import type { Trusted } from "@/graphql/client";
import type { PaymentCodeIssueMutation, PaymentCodeIssueMutationVariables } from "./types";

export const PaymentCodeIssueDocument = {"__meta__":{"hash":"f6d20e5b225dc33abed91dcfb5941d77adbe64fe846d996eebcfce353df32a04"}} as Trusted<PaymentCodeIssueMutation, PaymentCodeIssueMutationVariables>;
