import { createApp } from "vue";
import App from "./App.vue";
import { restoreElder } from "./composables/useElder";
import { chosenLanguage, speak } from "./i18n";
import { router } from "./router";
import "./styles/tokens.css";
import "./styles/base.css";

restoreElder();
const start = () => createApp(App).use(router).mount("#app");
if (chosenLanguage() === "zh") start();
else void speak("en", () => import("./i18n/en")).finally(start);
