// Who is logged in: a short access token kept in memory, renewed through the refresh cookie.
// Without a session the page hands itself over to the school's WeCom login and comes back.

export class RequestFailed extends Error {
  constructor(
    /** offline: not sent or no answer · timeout · server: answered with a fault · limited: asked too often · forbidden ·
     *  login: on our way out */
    readonly reason: "offline" | "timeout" | "server" | "limited" | "forbidden" | "login",
    readonly code = "",
  ) {
    super(code || reason);
  }
}

interface Grant {
  token: string;
  login: string;
  validUntil: number;
}

export interface SessionParts {
  fetch: typeof fetch;
  now: () => number;
  /** Where a cookie is turned into a token; the login's where nothing is said. */
  at?: string;
  /** Leave for /auth/login; must not return to the caller's flow. */
  handOff: () => void;
  /** Called when the answering login is known; before any of its data is. */
  onLogin?: (login: string) => void;
}

const RENEW_BEFORE_MS = 30_000;
const REFRESH_TIMEOUT_MS = 12_000;

export function createSession(parts: SessionParts) {
  let grant: Grant | null = null;
  let renewal: Promise<Grant> | null = null;

  async function renew(): Promise<Grant> {
    let answer: Response;
    try {
      answer = await parts.fetch(parts.at ?? "/auth/refresh", {
        method: "POST",
        credentials: "same-origin",
        signal: AbortSignal.timeout(REFRESH_TIMEOUT_MS),
      });
    } catch (error) {
      throw new RequestFailed((error as Error).name === "TimeoutError" ? "timeout" : "offline");
    }
    if (answer.status === 401) {
      parts.handOff();
      throw new RequestFailed("login");
    }
    if (answer.status === 429) throw new RequestFailed("limited");
    if (!answer.ok) throw new RequestFailed("server", `HTTP_${answer.status}`);
    const body = (await answer.json()) as { accessToken: string; expiresIn: number };
    const login = subjectOf(body.accessToken);
    parts.onLogin?.(login);
    return { token: body.accessToken, login, validUntil: parts.now() + body.expiresIn * 1000 };
  }

  /** A token good for the next half minute. `refused` is one the server just turned down. */
  async function token(refused?: string): Promise<string> {
    const usable = grant && grant.token !== refused && grant.validUntil - RENEW_BEFORE_MS > parts.now();
    if (usable && grant) return grant.token;
    // One renewal for all who wait: the cookie rotates and must not be spent twice.
    renewal ??= renew().finally(() => (renewal = null));
    grant = await renewal;
    return grant.token;
  }

  return { token, login: () => grant?.login ?? null, forget: () => (grant = null) };
}

export type Session = ReturnType<typeof createSession>;

/** The `sub` of a JWT; it decides what may be shown, never what may be done. */
export function subjectOf(jwt: string): string {
  const payload = (jwt.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/");
  try {
    return String((JSON.parse(atob(payload)) as { sub?: string }).sub ?? "");
  } catch {
    return "";
  }
}
