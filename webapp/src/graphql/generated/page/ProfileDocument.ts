import type { Trusted } from "@/graphql/client";
import type { ProfileQuery, ProfileQueryVariables } from "./types";

export const ProfileDocument = {"__meta__":{"hash":"85a9a34a6159dda934aa682390a689a71d73a03644eb52891f77919f270a8f88"}} as Trusted<ProfileQuery, ProfileQueryVariables>;
