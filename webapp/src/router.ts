// Screens and their addresses. Hash history: WeChat signs the address without it.
import { createRouter, createWebHashHistory } from "vue-router";
import { lost } from "@/composables/useOnline";
import Home from "@/pages/home/Home.vue";

export const router = createRouter({
  history: createWebHashHistory("/"),
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  routes: [
    { path: "/", component: Home },
    { path: "/bind", component: () => import("@/pages/bind/Bind.vue") },
    { path: "/recharge", component: () => import("@/pages/recharge/Recharge.vue") },
    { path: "/recharge/:id", component: () => import("@/pages/recharge/Progress.vue"), props: true },
    { path: "/code", component: () => import("@/pages/code/Code.vue") },
    { path: "/bills", component: () => import("@/pages/bills/Bills.vue") },
    { path: "/bills/:id", component: () => import("@/pages/bills/Bill.vue"), props: true },
    { path: "/balance", component: () => import("@/pages/balance/Balance.vue") },
    { path: "/profile", component: () => import("@/pages/profile/Profile.vue") },
    { path: "/:any(.*)", redirect: "/" },
  ],
});

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
