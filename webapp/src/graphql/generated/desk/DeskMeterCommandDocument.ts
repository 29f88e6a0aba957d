import type { Trusted } from "@/graphql/client";
import type { DeskMeterCommandMutation, DeskMeterCommandMutationVariables } from "./types";

export const DeskMeterCommandDocument = {"__meta__":{"hash":"264213cd0519e22434dfd258406c85de2cc29d80afe9c56c1bda26211e05d578"}} as Trusted<DeskMeterCommandMutation, DeskMeterCommandMutationVariables>;
