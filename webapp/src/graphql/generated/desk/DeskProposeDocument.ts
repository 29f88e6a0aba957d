import type { Trusted } from "@/graphql/client";
import type { DeskProposeMutation, DeskProposeMutationVariables } from "./types";

export const DeskProposeDocument = {"__meta__":{"hash":"1b64b71169853f307df47fda740875e6d1572077b8b07b18b0bd7a51c789fcdd"}} as Trusted<DeskProposeMutation, DeskProposeMutationVariables>;
