// Every screen but the first and its address. The list comes right after the first screen, which is smaller without it.
import type { RouteRecordRaw } from "vue-router";

export const screens: readonly RouteRecordRaw[] = [
  { path: "/bind", component: () => import("@/pages/bind/Bind.vue") },
  { path: "/recharge", component: () => import("@/pages/recharge/Recharge.vue") },
  { path: "/recharge/:id", component: () => import("@/pages/recharge/Progress.vue"), props: true },
  { path: "/code", component: () => import("@/pages/code/Code.vue") },
  { path: "/bills", component: () => import("@/pages/bills/Bills.vue") },
  { path: "/bills/:id", component: () => import("@/pages/bills/Bill.vue"), props: true },
  { path: "/balance", component: () => import("@/pages/balance/Balance.vue") },
  { path: "/bank", component: () => import("@/pages/bank/Bank.vue") },
  { path: "/profile", component: () => import("@/pages/profile/Profile.vue") },
  { path: "/electricity", component: () => import("@/pages/electricity/Electricity.vue") },
  { path: "/electricity/care", component: () => import("@/pages/electricity/Care.vue") },
  { path: "/electricity/order/:id", component: () => import("@/pages/electricity/Order.vue"), props: true },
  { path: "/room/:id", component: () => import("@/pages/room/Room.vue"), props: true },
  { path: "/pay", component: () => import("@/pages/pay/Pay.vue") },
  { path: "/pay/:id", component: () => import("@/pages/pay/Paid.vue"), props: true },
  { path: "/:any(.*)", redirect: "/" },
];
