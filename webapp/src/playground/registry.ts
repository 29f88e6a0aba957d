/** The cards of the playground. A new device adds its component and one line here. */

import { defineAsyncComponent, type Component } from "vue";
import PosCard from "./cards/pos/PosCard.vue";
import type { Word } from "./words";

export interface CardEntry {
  name: string; // as the sandbox calls it, see sandbox/playground
  title: Word;
  column: "middle" | "right";
  component: Component;
}

export const CARDS: readonly CardEntry[] = [
  { name: "pos", title: "pos", column: "middle", component: PosCard },
  {
    name: "meter",
    title: "meter",
    column: "middle",
    component: defineAsyncComponent(() => import("./cards/meter/MeterCard.vue")),
  },
  {
    name: "wechat",
    title: "wechat",
    column: "right",
    component: defineAsyncComponent(() => import("./cards/wechat/WechatCard.vue")),
  },
];
