// What a login saw last, for a quick first picture. Kept per login; another login never sees it.
//
// The server names the current login in a readable cookie (`onecard_who`, the opaque usr_… id). Where it
// is missing, nothing is shown before the server has answered who this is.

const PREFIX = "onecard.seen.";

export function knownLogin(cookies = document.cookie): string | null {
  return /(?:^|;\s*)onecard_who=(usr_[0-9a-z]+)/.exec(cookies)?.[1] ?? null;
}

export function readSeen<T>(login: string | null, name: string): T | null {
  if (!login) return null;
  try {
    return JSON.parse(localStorage.getItem(`${PREFIX}${login}.${name}`) ?? "null") as T | null;
  } catch {
    return null;
  }
}

export function keepSeen(login: string | null, name: string, value: unknown): void {
  if (!login) return;
  try {
    localStorage.setItem(`${PREFIX}${login}.${name}`, JSON.stringify(value));
  } catch {
    // A full or forbidden storage costs a quick first picture, nothing else.
  }
}

/** Drops what everyone but `login` saw; without one, everything. */
export function forgetOthers(login?: string): void {
  try {
    for (const key of Object.keys(localStorage))
      if (key.startsWith(PREFIX) && !(login && key.startsWith(`${PREFIX}${login}.`)))
        localStorage.removeItem(key);
  } catch {
    // No storage, nothing kept.
  }
}
