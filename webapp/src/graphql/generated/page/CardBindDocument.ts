import type { Trusted } from "@/graphql/client";
import type { CardBindMutation, CardBindMutationVariables } from "./types";

export const CardBindDocument = {"__meta__":{"hash":"776f6f65aaea292d7a28e8952e6c7e993adf2e55e65e01023cca76a693b48f32"}} as Trusted<CardBindMutation, CardBindMutationVariables>;
