import type { Trusted } from "@/graphql/client";
import type { PaymentCodeIssueMutation, PaymentCodeIssueMutationVariables } from "./types";

export const PaymentCodeIssueDocument = {"__meta__":{"hash":"9cf2a135ad69339db3f404b0e8bea5eded2d830e4260e78ae5604fdf38d03ca1"}} as Trusted<PaymentCodeIssueMutation, PaymentCodeIssueMutationVariables>;
