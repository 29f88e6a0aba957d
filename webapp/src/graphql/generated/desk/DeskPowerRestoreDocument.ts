import type { Trusted } from "@/graphql/client";
import type { DeskPowerRestoreMutation, DeskPowerRestoreMutationVariables } from "./types";

export const DeskPowerRestoreDocument = {"__meta__":{"hash":"41b6500935caec078b64f7069b19619868dd262245feac85a605f0f1beadf64c"}} as Trusted<DeskPowerRestoreMutation, DeskPowerRestoreMutationVariables>;
