import { ref } from "vue";

/** Whether the phone believes it has a network. */
export const online = ref(navigator.onLine);

/** A screen's file did not come. */
export const lost = ref(false);

addEventListener("online", () => (online.value = true));
addEventListener("offline", () => (online.value = false));
