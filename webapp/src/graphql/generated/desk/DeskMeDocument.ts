import type { Trusted } from "@/graphql/client";
import type { DeskMeQuery, DeskMeQueryVariables } from "./types";

export const DeskMeDocument = {"__meta__":{"hash":"e7cac922a9be97484fd7a29f13074de4f60972eb73c80569ff1b81594a43ad1d"}} as Trusted<DeskMeQuery, DeskMeQueryVariables>;
