// Something is ordered, once at a time: what was refused, what failed, how long to wait before the next try.
import { ref, shallowRef } from "vue";
import { asFailure } from "@/composables/useLoad";
import type { Said } from "@/composables/useOrder";
import { useWait } from "@/composables/useWait";
import type { RequestFailed } from "@/session/session";

/** A refusal; `TooManyAttempts` says how long to wait. */
export interface No extends Said {
  code?: string;
  retryAfterSeconds?: number;
}

export function useOrdering() {
  const busy = ref(false);
  const refusal = shallowRef<No | null>(null);
  const failure = shallowRef<RequestFailed | null>(null);
  const { waitSeconds, waitText } = useWait();

  function clear(): void {
    refusal.value = null;
    failure.value = null;
  }
  /** `ask` answers with what was refused; null: it is ordered. */
  async function order(ask: () => Promise<No | null>): Promise<void> {
    if (busy.value) return;
    busy.value = true;
    clear();
    try {
      refusal.value = await ask();
      waitSeconds.value = refusal.value?.retryAfterSeconds ?? waitSeconds.value;
    } catch (error) {
      failure.value = asFailure(error);
    } finally {
      busy.value = false;
    }
  }
  return { busy, refusal, failure, waitSeconds, waitText, clear, order };
}
