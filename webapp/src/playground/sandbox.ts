/** The sandbox as the page sees it: states that follow its stream, and verbs. */

import { onBeforeUnmount, reactive, readonly, ref } from "vue";
import type { About } from "./types";

export class SandboxError extends Error {}

const BASE = "/playground/api";

export function useSandbox(cardNames: readonly string[]) {
  const states = reactive<Record<string, unknown>>({});
  const connected = ref(false);
  const source = new EventSource(`${BASE}/events`);
  source.onopen = () => (connected.value = true);
  source.onerror = () => (connected.value = false); // the browser reconnects by itself
  for (const name of cardNames) {
    source.addEventListener(name, (event: MessageEvent<string>) => {
      states[name] = JSON.parse(event.data);
    });
  }
  onBeforeUnmount(() => source.close());
  return { states, connected: readonly(connected) };
}

export async function loadAbout(): Promise<About> {
  const answer = await fetch(`${BASE}/about`);
  if (!answer.ok) throw new SandboxError(String(answer.status));
  return (await answer.json()) as About;
}

/** Plays one verb of a card; throws SandboxError with a sentence to show. */
export async function act<T = null>(card: string, verb: string, body: object = {}): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(`${BASE}/${card}/${verb}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  } catch {
    throw new SandboxError("沙箱没有响应，请确认 make run 仍在运行");
  }
  const outcome = (await answer.json().catch(() => null)) as {
    ok: boolean;
    message?: string;
    result?: T;
  } | null;
  if (!outcome?.ok) throw new SandboxError(outcome?.message ?? `沙箱出错（${answer.status}）`);
  return outcome.result as T;
}
