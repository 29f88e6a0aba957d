import type { Trusted } from "@/graphql/client";
import type { BillDetailQuery, BillDetailQueryVariables } from "./types";

export const BillDetailDocument = {"__meta__":{"hash":"93ce7c7b60e2b45695e4be94e8df77e830df760acc7d51a9b555c3d67ffcbe44"}} as Trusted<BillDetailQuery, BillDetailQueryVariables>;
