import type { Trusted } from "@/graphql/client";
import type { DeskOrderByIdQuery, DeskOrderByIdQueryVariables } from "./types";

export const DeskOrderByIdDocument = {"__meta__":{"hash":"7bfb4e8cfc3de50c65d61238dce6e98c14e6fdfbba669980b65e9de3b78e85fc"}} as Trusted<DeskOrderByIdQuery, DeskOrderByIdQueryVariables>;
