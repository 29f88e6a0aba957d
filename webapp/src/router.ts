// The first screen, and where the others are found. Hash history: WeChat signs the address without it.
import { createRouter, createWebHashHistory } from "vue-router";
import { lost } from "@/composables/useOnline";
import Home from "@/pages/home/Home.vue";

const LATER = "later";

export const router = createRouter({
  history: createWebHashHistory("/"),
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  routes: [
    { path: "/", component: Home },
    { path: "/:any(.*)", name: LATER, component: Home, beforeEnter: (to) => learn().then(() => to.fullPath) },
  ],
});

/** From then on the router knows all screens. */
async function learn(): Promise<void> {
  const { screens } = await import("@/screens");
  if (!router.hasRoute(LATER)) return; // two taps, one list
  router.removeRoute(LATER);
  for (const screen of screens) router.addRoute(screen);
}
// Early, so that a tap finds the list without another way to the server; a failure is told by the tap.
addEventListener("load", () => void import("@/screens").catch(() => null));

// A screen's file may be gone after a new version was put up: load the page afresh, once. Where the server
// does not answer, the screen that stands stays and says so; a reload would leave nothing.
router.onError(async (_error, to) => {
  const key = "onecard.afresh";
  const answer = await fetch("/healthz").catch(() => null);
  if (!answer?.ok || sessionStorage.getItem(key) === to.fullPath) return void (lost.value = true);
  sessionStorage.setItem(key, to.fullPath);
  location.hash = to.fullPath;
  location.reload();
});
router.afterEach(() => (lost.value = false));
