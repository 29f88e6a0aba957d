import { createApp } from "vue";
import App from "./App.vue";
import "@/styles/tokens.css";
import "@/styles/base.css";
import "./playground.css";
import "./cards/pos/pos.css";
import "./cards/wechat/wechat.css";

createApp(App).mount("#playground");
