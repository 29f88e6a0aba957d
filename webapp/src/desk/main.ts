import { createApp } from "vue";
import { createRouter, createWebHashHistory } from "vue-router";
import Desk from "./Desk.vue";
import "../styles/tokens.css";
import "./desk.css";

const router = createRouter({
  history: createWebHashHistory(location.pathname),
  routes: [
    { path: "/people", component: () => import("./People.vue") },
    { path: "/cases", component: () => import("./Cases.vue") },
    { path: "/terminals", component: () => import("./Terminals.vue") },
    { path: "/meters", component: () => import("./Meters.vue") },
    { path: "/safety", component: () => import("./Safety.vue") },
    { path: "/electricity", component: () => import("./Electricity.vue") },
    { path: "/:any(.*)", redirect: "/people" },
  ],
});
createApp(Desk).use(router).mount("#app");
