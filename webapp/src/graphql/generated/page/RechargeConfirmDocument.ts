import type { Trusted } from "@/graphql/client";
import type { RechargeConfirmMutation, RechargeConfirmMutationVariables } from "./types";

export const RechargeConfirmDocument = {"__meta__":{"hash":"8b6688e9b0d718a6fad240ea412e4ab59cb60af19dbd829b03f2fd1961fad5fb"}} as Trusted<RechargeConfirmMutation, RechargeConfirmMutationVariables>;
