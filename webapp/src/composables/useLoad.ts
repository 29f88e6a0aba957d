// Read something, show what was seen last meanwhile, say what went wrong.
import { onScopeDispose, ref, shallowRef } from "vue";
import { currentLogin } from "@/session";
import { keepSeen, readSeen } from "@/session/cache";
import { RequestFailed } from "@/session/session";

export function useLoad<T>(load: () => Promise<T>, seenName?: string) {
  const data = shallowRef<T | null>(seenName ? readSeen<T>(currentLogin(), seenName) : null);
  const failure = shallowRef<RequestFailed | null>(null);
  const busy = ref(false);
  /** `data` is from an earlier visit and not confirmed yet. */
  const stale = ref(data.value !== null);
  let turn = 0;

  async function refresh(): Promise<void> {
    const mine = ++turn;
    busy.value = true;
    try {
      const next = await load();
      if (mine !== turn) return;
      data.value = next;
      failure.value = null;
      stale.value = false;
      if (seenName) keepSeen(currentLogin(), seenName, next);
    } catch (error) {
      if (mine === turn) failure.value = asFailure(error);
    } finally {
      if (mine === turn) busy.value = false;
    }
  }
  onScopeDispose(() => turn++);
  void refresh();
  return { data, failure, busy, stale, refresh };
}

export function asFailure(error: unknown): RequestFailed {
  if (error instanceof RequestFailed) return error;
  // A fault of ours: show it as one, and leave its trace to the browser's own report.
  queueMicrotask(() => reportError(error));
  return new RequestFailed("server", "PAGE");
}
