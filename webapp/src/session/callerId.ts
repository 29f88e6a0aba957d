// A caller's id: made once per thing a person wants, kept until it is finished, sent with every try.

/** A random UUID; getRandomValues because randomUUID is missing on plain-http phones. */
export function newCallerId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export interface Wish {
  id: string;
  /** What is wanted; another body is another wish and gets another id. */
  body: string;
  login: string;
}

/** The id under which `body` is sent: the kept one where the same was already wanted, else a new one. */
export function keepWish(name: string, login: string, body: unknown, store = sessionStorage): string {
  const text = JSON.stringify(body);
  const kept = findWish(name, store);
  if (kept && kept.body === text && kept.login === login) return kept.id;
  const wish: Wish = { id: newCallerId(), body: text, login };
  store.setItem(`onecard.wish.${name}`, JSON.stringify(wish));
  return wish.id;
}

export function findWish(name: string, store = sessionStorage): Wish | null {
  try {
    return JSON.parse(store.getItem(`onecard.wish.${name}`) ?? "null") as Wish | null;
  } catch {
    return null;
  }
}

/** The wish got its final answer; wanting the same again is a new wish. */
export function finishWish(name: string, store = sessionStorage): void {
  store.removeItem(`onecard.wish.${name}`);
}
