import type { Trusted } from "@/graphql/client";
import type { TerminalSetStateMutation, TerminalSetStateMutationVariables } from "./types";

export const TerminalSetStateDocument = {"__meta__":{"hash":"4479cebc828a0fd10af2336915bfe5f152a721ef54c08f4bd0db9f744467d28c"}} as Trusted<TerminalSetStateMutation, TerminalSetStateMutationVariables>;
