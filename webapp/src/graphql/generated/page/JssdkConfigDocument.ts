import type { Trusted } from "@/graphql/client";
import type { JssdkConfigQuery, JssdkConfigQueryVariables } from "./types";

export const JssdkConfigDocument = {"__meta__":{"hash":"1e2dc6ebe96a320cbf19d510d9db4a2fa1e742cfa967996b76a82fdb33087f6d"}} as Trusted<JssdkConfigQuery, JssdkConfigQueryVariables>;
