import type { Trusted } from "@/graphql/client";
import type { DeskPersonQuery, DeskPersonQueryVariables } from "./types";

export const DeskPersonDocument = {"__meta__":{"hash":"8e83b4aed966f5922aeb660580a31d24b8a124d84647a3f169d0d0c11b2c874d"}} as Trusted<DeskPersonQuery, DeskPersonQueryVariables>;
