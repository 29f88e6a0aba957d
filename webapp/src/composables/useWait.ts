import { computed, onScopeDispose, ref } from "vue";
import { t } from "@/i18n/common";

/** Counts down what the server said to wait; `waitText` tells how long it still is. */
export function useWait() {
  const waitSeconds = ref(0);
  const clock = setInterval(() => (waitSeconds.value = Math.max(0, waitSeconds.value - 1)), 1000);
  onScopeDispose(() => clearInterval(clock));
  const waitText = computed(() => {
    const n = waitSeconds.value;
    const time = n >= 60 ? t("minutes", { n: Math.ceil(n / 60) }) : t("seconds", { n });
    return t("wait", { time });
  });
  return { waitSeconds, waitText };
}
