import { describe, expect, it, vi } from "vitest";
import { createSession, RequestFailed, subjectOf } from "./session";

const jwt = (sub: string, mark = "x") =>
  `h.${btoa(JSON.stringify({ sub, mark })).replace(/=+$/, "").replace(/\+/g, "-").replace(/\//g, "_")}.s`;
const granted = (sub: string, mark?: string, expiresIn = 600) =>
  new Response(JSON.stringify({ accessToken: jwt(sub, mark), expiresIn }));

function setUp(...answers: (Response | Error)[]) {
  let now = 0;
  const fetch = vi.fn(async () => {
    const next = answers.shift();
    if (!next) throw new Error("asked too often");
    if (next instanceof Error) throw next;
    return next;
  });
  const handOff = vi.fn();
  const onLogin = vi.fn();
  const session = createSession({ fetch: fetch as typeof globalThis.fetch, now: () => now, handOff, onLogin });
  return { session, fetch, handOff, onLogin, pass: (ms: number) => (now += ms) };
}

describe("session", () => {
  it("renews once for all who wait: the cookie may be spent once only", async () => {
    const { session, fetch } = setUp(granted("usr_a"));
    const tokens = await Promise.all([session.token(), session.token(), session.token()]);
    expect(new Set(tokens)).toEqual(new Set([jwt("usr_a")]));
    expect(fetch).toHaveBeenCalledOnce();
  });

  it("keeps the token while it is good, renews before it ends", async () => {
    const { session, fetch, pass } = setUp(granted("usr_a", "1"), granted("usr_a", "2"));
    await session.token();
    pass(569_000);
    expect(await session.token()).toBe(jwt("usr_a", "1"));
    pass(2_000);
    expect(await session.token()).toBe(jwt("usr_a", "2"));
    expect(fetch).toHaveBeenCalledTimes(2);
  });

  it("renews a token the server refused, and only that one", async () => {
    const { session, fetch } = setUp(granted("usr_a", "1"), granted("usr_a", "2"));
    const first = await session.token();
    expect(await session.token(first)).toBe(jwt("usr_a", "2"));
    expect(await session.token(first)).toBe(jwt("usr_a", "2"));
    expect(fetch).toHaveBeenCalledTimes(2);
  });

  it("hands off to the login when there is no session", async () => {
    const { session, handOff } = setUp(new Response("", { status: 401 }));
    await expect(session.token()).rejects.toMatchObject({ reason: "login" });
    expect(handOff).toHaveBeenCalledOnce();
  });

  it.each([
    [new TypeError("net"), "offline"],
    [new DOMException("slow", "TimeoutError"), "timeout"],
    [new Response("", { status: 503 }), "server"],
    [new Response("", { status: 429 }), "limited"],
  ])("does not hand off over a bad network (%s)", async (answer, reason) => {
    const { session, handOff } = setUp(answer as Response | Error, granted("usr_a"));
    await expect(session.token()).rejects.toMatchObject({ reason });
    expect(handOff).not.toHaveBeenCalled();
    expect(await session.token()).toBe(jwt("usr_a"));
  });

  it("tells whose data may come before any of it does", async () => {
    const { session, onLogin } = setUp(granted("usr_b"));
    await session.token();
    expect(onLogin).toHaveBeenCalledWith("usr_b");
    expect(session.login()).toBe("usr_b");
  });

  it("reads a subject and survives what is none", () => {
    expect(subjectOf(jwt("usr_0x"))).toBe("usr_0x");
    expect(subjectOf("nonsense")).toBe("");
    expect(new RequestFailed("server", "X").message).toBe("X");
  });
});
