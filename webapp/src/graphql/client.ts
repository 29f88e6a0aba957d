// The one way to the API: a document's hash and its variables, out; typed data, back.
import type { DocumentTypeDecoration } from "@graphql-typed-document-node/core";
import { RequestFailed, type Session } from "@/session/session";

export type Trusted<R, V> = DocumentTypeDecoration<R, V> & { __meta__: { hash: string } };

export interface ClientParts {
  fetch: typeof fetch;
  session: Pick<Session, "token">;
  wait: (ms: number) => Promise<void>;
}

const TIMEOUT_MS = 12_000;
/** Pauses before the second and third try. Only requests that may be repeated are: reads, and writes with an id. */
const RETRY_AFTER_MS = [400, 1200];

interface Answer<R> {
  data?: R | null;
  errors?: { message: string; extensions?: { code?: string } }[];
}

export function documentId(document: { __meta__: { hash: string } }): string {
  return `sha256:${document.__meta__.hash}`;
}

export function createClient({ fetch, session, wait }: ClientParts) {
  async function once<R>(body: string, refused?: string): Promise<R> {
    const token = await session.token(refused);
    let response: Response;
    let answer: Answer<R> = {};
    try {
      response = await fetch("/graphql", {
        method: "POST",
        credentials: "same-origin",
        headers: {
          "content-type": "application/json",
          accept: "application/graphql-response+json",
          authorization: `Bearer ${token}`,
        },
        body,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      answer = (await response.json().catch(() => ({}))) as Answer<R>;
    } catch (error) {
      throw new RequestFailed((error as Error).name === "TimeoutError" ? "timeout" : "offline");
    }
    const code = answer.errors?.[0]?.extensions?.code ?? "";
    if (response.status === 401 || code === "UNAUTHENTICATED") {
      if (refused === undefined) return once(body, token);
      throw new RequestFailed("server", "UNAUTHENTICATED");
    }
    if (response.status === 403 || code === "FORBIDDEN")
      throw new RequestFailed("forbidden", code);
    if (response.status === 429 || code === "RATE_LIMITED") throw new RequestFailed("limited", code);
    if (answer.errors?.length || !answer.data)
      throw new RequestFailed("server", code || `HTTP_${response.status}`);
    return answer.data;
  }

  /** `repeatable`: the server answers a second sending with the first one's result. */
  return async function send<R, V>(
    document: Trusted<R, V>,
    variables: V,
    { repeatable = true } = {},
  ): Promise<R> {
    const body = JSON.stringify({ documentId: documentId(document), variables });
    for (let attempt = 0; ; attempt++) {
      try {
        return await once<R>(body);
      } catch (error) {
        const pause = RETRY_AFTER_MS[attempt];
        if (!repeatable || pause === undefined || !isPassing(error)) throw error;
        await wait(pause);
      }
    }
  };
}

function isPassing(error: unknown): boolean {
  if (!(error instanceof RequestFailed)) return false;
  return (
    error.reason === "offline" ||
    error.reason === "timeout" ||
    (error.reason === "server" && /^HTTP_5|UNAVAILABLE/.test(error.code))
  );
}
