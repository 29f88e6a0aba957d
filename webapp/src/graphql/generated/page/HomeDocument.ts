import type { Trusted } from "@/graphql/client";
import type { HomeQuery, HomeQueryVariables } from "./types";

export const HomeDocument = {"__meta__":{"hash":"8ac29bfcc6eac63e4088bcd2e77d12e205efe96502703f5df5c5299601b2f804"}} as Trusted<HomeQuery, HomeQueryVariables>;
