import type { Trusted } from "@/graphql/client";
import type { BillDetailQuery, BillDetailQueryVariables } from "./types";

export const BillDetailDocument = {"__meta__":{"hash":"67ad7a313289e60f504704089868bad5a407380af38fddc7547b460c3f3cf424"}} as Trusted<BillDetailQuery, BillDetailQueryVariables>;
