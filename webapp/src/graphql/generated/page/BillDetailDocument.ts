import type { Trusted } from "@/graphql/client";
import type { BillDetailQuery, BillDetailQueryVariables } from "./types";

export const BillDetailDocument = {"__meta__":{"hash":"6f3b20f41b072a357897a1ed365c1d14ee8b35362f46d47d39f7fd23de3bb38e"}} as Trusted<BillDetailQuery, BillDetailQueryVariables>;
