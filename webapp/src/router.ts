// Screens and their addresses. Hash history: WeChat signs the address without it.
import { createRouter, createWebHashHistory } from "vue-router";
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

// A screen's file may be gone after a new version was put up: load the page afresh, once.
router.onError((error, to) => {
  if (!/dynamically imported|Importing a module|Failed to fetch/.test(String(error)) || !navigator.onLine)
    return;
  const key = "onecard.afresh";
  if (sessionStorage.getItem(key) === to.fullPath) return;
  sessionStorage.setItem(key, to.fullPath);
  location.hash = to.fullPath;
  location.reload();
});
