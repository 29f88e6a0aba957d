import type { Trusted } from "@/graphql/client";
import type { ProfileQuery, ProfileQueryVariables } from "./types";

export const ProfileDocument = {"__meta__":{"hash":"5de256358ab56b3fe174c9c4d070520f468fe46eb8cd5479f98f3fe93ad50b59"}} as Trusted<ProfileQuery, ProfileQueryVariables>;
