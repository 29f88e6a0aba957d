import type { Trusted } from "@/graphql/client";
import type { RechargeRefundMutation, RechargeRefundMutationVariables } from "./types";

export const RechargeRefundDocument = {"__meta__":{"hash":"0fa618889eac3d38d489a535777f3c6ca07e847f6bed0ef0d684829091ea8962"}} as Trusted<RechargeRefundMutation, RechargeRefundMutationVariables>;
