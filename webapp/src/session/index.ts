// The page's one session and client, made from the browser's own parts.
import { createClient } from "@/graphql/client";
import { forgetOthers, knownLogin } from "./cache";
import { createSession, RequestFailed } from "./session";

const AWAY_KEY = "onecard.away";
const AWAY_AGAIN_MS = 15_000;

/** The screen that stands where a login would loop. */
export const loginStuck = { told: (): void => {} };

export function goLogIn(): void {
  forgetOthers();
  const last = Number(sessionStorage.getItem(AWAY_KEY) ?? 0);
  if (Date.now() - last < AWAY_AGAIN_MS) {
    sessionStorage.removeItem(AWAY_KEY); // the next try is a person's
    return loginStuck.told();
  }
  sessionStorage.setItem(AWAY_KEY, String(Date.now()));
  const here = `${location.pathname}${location.hash}`;
  location.assign(`/auth/login?next=${encodeURIComponent(here)}`);
}

export const session = createSession({
  fetch: (...request) => fetch(...request),
  now: () => Date.now(),
  handOff: goLogIn,
  onLogin: (login) => {
    sessionStorage.removeItem(AWAY_KEY);
    forgetOthers(login);
  },
});

export const send = createClient({
  fetch: (...request) => fetch(...request),
  session,
  wait: (ms) => new Promise((done) => setTimeout(done, ms)),
});

/** The login whose kept pictures may be shown now. */
export const currentLogin = (): string | null => session.login() ?? knownLogin();

export async function logOut(): Promise<void> {
  forgetOthers();
  session.forget();
  const answer = await fetch("/auth/logout", { method: "POST", credentials: "same-origin" });
  if (!answer.ok) throw new RequestFailed("server"); // still logged in: not to be told otherwise
  sessionStorage.clear();
}
