import type { Trusted } from "@/graphql/client";
import type { AlertSetMutation, AlertSetMutationVariables } from "./types";

export const AlertSetDocument = {"__meta__":{"hash":"e6b9d7c79eb9ba8c04eb30f608c0b32797eeaf6d2690e3db1949f1d035527230"}} as Trusted<AlertSetMutation, AlertSetMutationVariables>;
