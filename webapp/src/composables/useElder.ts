import { ref } from "vue";

const KEY = "onecard.elder";

/** 大字模式: everything in rem grows. */
export const elder = ref(false);

export function setElder(on: boolean): void {
  elder.value = on;
  document.documentElement.classList.toggle("elder", on);
  try {
    if (on) localStorage.setItem(KEY, "1");
    else localStorage.removeItem(KEY);
  } catch {
    // Lasts for this visit then.
  }
}

export function restoreElder(): void {
  try {
    if (localStorage.getItem(KEY)) setElder(true);
  } catch {
    // Nothing kept.
  }
}
