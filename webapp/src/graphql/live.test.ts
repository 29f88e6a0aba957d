import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Trusted } from "./client";
import { subscribe } from "./live";

class Socket {
  sent: { type: string; payload?: unknown }[] = [];
  onopen?: () => void;
  onmessage?: (event: { data: string }) => void;
  onclose?: (() => void) | null;
  closed = false;
  send = (text: string) => this.sent.push(JSON.parse(text));
  close() {
    this.closed = true;
    this.onclose?.();
  }
  say = (message: unknown) => this.onmessage?.({ data: JSON.stringify(message) });
}

const document = { __meta__: { hash: "cd34" } } as Trusted<{ n: number }, Record<string, never>>;
let sockets: Socket[];
beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
});
afterEach(() => vi.useRealTimers());

async function start(onData = vi.fn(), onState = vi.fn()) {
  const end = subscribe({
    url: "ws://x/graphql",
    token: async () => "tok",
    document,
    onData,
    onState,
    open: (_url, protocol) => {
      expect(protocol).toBe("graphql-transport-ws");
      const socket = new Socket();
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
  });
  await vi.advanceTimersByTimeAsync(0);
  return { end, onData, onState };
}

it("introduces itself, subscribes by hash, answers pings, hands data on", async () => {
  const { onData, onState } = await start();
  const socket = sockets[0] as Socket;
  socket.onopen?.();
  socket.say({ type: "connection_ack" });
  socket.say({ type: "ping" });
  socket.say({ type: "next", id: "1", payload: { data: { n: 5 } } });
  expect(socket.sent).toEqual([
    { type: "connection_init", payload: { authorization: "Bearer tok" } },
    { id: "1", type: "subscribe", payload: { documentId: "sha256:cd34", variables: {} } },
    { type: "pong" },
  ]);
  expect(onData).toHaveBeenCalledWith({ n: 5 });
  expect(onState.mock.calls).toEqual([[true]]);
});

it("comes back after a cut, slower each time, and says that it is away", async () => {
  const { onState, end } = await start();
  for (const [pause, count] of [[500, 2], [1000, 3], [2000, 4]] as const) {
    (sockets[sockets.length - 1] as Socket).close();
    await vi.advanceTimersByTimeAsync(pause - 1);
    expect(sockets.length).toBe(count - 1);
    await vi.advanceTimersByTimeAsync(1);
    expect(sockets.length).toBe(count);
  }
  expect(onState).toHaveBeenLastCalledWith(false);
  end();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sockets.length).toBe(4);
  expect(sockets[3]?.closed).toBe(true);
});
