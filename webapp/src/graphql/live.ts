// One subscription over graphql-transport-ws, kept alive: reconnects, and says when it cannot so that
// the page may poll meanwhile. Small because it needs one operation only.
import { documentId, type Trusted } from "./client";

export interface LiveParts<R> {
  url: string;
  token: () => Promise<string>;
  document: Trusted<R, Record<string, never>>;
  onData: (data: R) => void;
  /** true while the server has acknowledged us. */
  onState: (connected: boolean) => void;
  open?: (url: string, protocol: string) => WebSocket;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

/** Starts at once; the returned function ends it for good. */
export function subscribe<R>(parts: LiveParts<R>): () => void {
  const open = parts.open ?? ((url, protocol) => new WebSocket(url, protocol));
  let ended = false;
  let socket: WebSocket | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pause = FIRST_PAUSE_MS;

  async function connect(): Promise<void> {
    let token: string;
    try {
      token = await parts.token();
    } catch {
      return again();
    }
    if (ended) return;
    const current = open(parts.url, "graphql-transport-ws");
    socket = current;
    const say = (message: unknown) => current.send(JSON.stringify(message));
    current.onopen = () =>
      say({ type: "connection_init", payload: { authorization: `Bearer ${token}` } });
    current.onmessage = (event: MessageEvent<string>) => {
      const message = JSON.parse(event.data) as {
        type: string;
        payload?: { data?: R; errors?: unknown[] };
      };
      if (message.type === "connection_ack") {
        pause = FIRST_PAUSE_MS;
        parts.onState(true);
        const payload = { documentId: documentId(parts.document), variables: {} };
        say({ id: "1", type: "subscribe", payload });
      } else if (message.type === "ping") say({ type: "pong" });
      else if (message.type === "next" && message.payload?.data) parts.onData(message.payload.data);
      else if (message.type === "error" || message.type === "complete") current.close();
    };
    current.onclose = () => {
      if (socket === current) socket = null;
      parts.onState(false);
      again();
    };
  }

  function again(): void {
    if (ended) return;
    timer = setTimeout(() => void connect(), pause);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }

  void connect();
  return () => {
    ended = true;
    clearTimeout(timer);
    if (socket) {
      socket.onclose = null;
      socket.close();
    }
  };
}
