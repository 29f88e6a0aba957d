import { onScopeDispose } from "vue";

/** Calls back whenever the page comes to the front again. */
export function onVisible(act: () => void): void {
  const listen = () => document.visibilityState === "visible" && act();
  document.addEventListener("visibilitychange", listen);
  onScopeDispose(() => document.removeEventListener("visibilitychange", listen));
}
