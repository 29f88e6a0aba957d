import type { Trusted } from "@/graphql/client";
import type { TerminalSetStateMutation, TerminalSetStateMutationVariables } from "./types";

export const TerminalSetStateDocument = {"__meta__":{"hash":"15a769956ad58eb9b41d98c8f10415e6d61f967cda7a69e445599d283057f4ff"}} as Trusted<TerminalSetStateMutation, TerminalSetStateMutationVariables>;
