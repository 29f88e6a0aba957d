import type { Trusted } from "@/graphql/client";
import type { DeskDecideMutation, DeskDecideMutationVariables } from "./types";

export const DeskDecideDocument = {"__meta__":{"hash":"76005e742aecf26e8c958d7151850f54fad16e6a50638c6fce428d158e325310"}} as Trusted<DeskDecideMutation, DeskDecideMutationVariables>;
