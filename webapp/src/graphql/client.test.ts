import { describe, expect, it, vi } from "vitest";
import { createClient, type Trusted } from "./client";

const document = { __meta__: { hash: "ab12" } } as Trusted<{ me: string }, { n: number }>;
const reply = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });
const fine = () => reply({ data: { me: "张晓雨" } });
const fault = (code: string, status = 200) => reply({ errors: [{ message: "x", extensions: { code } }] }, status);

function setUp(...answers: (Response | Error)[]) {
  const fetch = vi.fn<(url: string, init: RequestInit) => Promise<Response>>(async () => {
    const next = answers.shift();
    if (!next) throw new Error("asked too often");
    if (next instanceof Error) throw next;
    return next;
  });
  const token = vi.fn(async (refused?: string) => (refused ? "second" : "first"));
  const wait = vi.fn(async () => undefined);
  const send = createClient({ fetch: fetch as unknown as typeof globalThis.fetch, session: { token }, wait });
  return { send, fetch, token, wait };
}

describe("client", () => {
  it("sends the document's hash, its variables and the token", async () => {
    const { send, fetch } = setUp(fine());
    expect(await send(document, { n: 1 })).toEqual({ me: "张晓雨" });
    const init = fetch.mock.calls[0]?.[1] as RequestInit;
    expect(JSON.parse(init.body as string)).toEqual({ documentId: "sha256:ab12", variables: { n: 1 } });
    expect(init.headers).toMatchObject({ authorization: "Bearer first", "content-type": "application/json" });
  });

  it.each([() => reply({}, 401), () => fault("UNAUTHENTICATED")])(
    "takes a new token once when the old one is refused",
    async (refusal) => {
      const { send, fetch, token } = setUp(refusal(), fine());
      await send(document, { n: 1 });
      expect(token.mock.calls).toEqual([[undefined], ["first"]]);
      expect(fetch).toHaveBeenCalledTimes(2);
    },
  );

  it("does not go round when every token is refused", async () => {
    const { send, fetch } = setUp(reply({}, 401), reply({}, 401));
    await expect(send(document, { n: 1 })).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    expect(fetch).toHaveBeenCalledTimes(2);
  });

  it("repeats what may be repeated, with the same body, and then gives up", async () => {
    const { send, fetch, wait } = setUp(new TypeError("net"), reply({}, 502), fine());
    await send(document, { n: 7 });
    expect(new Set(fetch.mock.calls.map(([, init]) => init.body)).size).toBe(1);
    expect(wait.mock.calls).toEqual([[400], [1200]]);

    const worse = setUp(new TypeError("a"), new TypeError("b"), new TypeError("c"));
    await expect(worse.send(document, { n: 1 })).rejects.toMatchObject({ reason: "offline" });
  });

  it("repeats nothing that may not be repeated", async () => {
    const { send, fetch } = setUp(new TypeError("net"));
    await expect(send(document, { n: 1 }, { repeatable: false })).rejects.toMatchObject({ reason: "offline" });
    expect(fetch).toHaveBeenCalledOnce();
  });

  it.each([
    [() => fault("FORBIDDEN"), "forbidden"],
    [() => fault("INTERNAL"), "server"],
    [() => fault("DOCUMENT_UNKNOWN", 400), "server"],
    [() => fault("RATE_LIMITED", 429), "limited"],
    [() => reply({ data: null }), "server"],
  ])("says what went wrong and does not hammer (%#)", async (answer, reason) => {
    const { send, fetch } = setUp(answer());
    await expect(send(document, { n: 1 })).rejects.toMatchObject({ reason });
    expect(fetch).toHaveBeenCalledOnce();
  });
});
