import { fileURLToPath } from "node:url";
import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// The playground is the sandbox's own page: it is served from there and never ships with the school's.
export default defineConfig({
  base: "/playground/",
  plugins: [vue()],
  resolve: { alias: { "@": here("./src") } },
  define: { __VUE_OPTIONS_API__: "false", __VUE_PROD_DEVTOOLS__: "false" },
  build: {
    outDir: "dist-playground",
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rollupOptions: { input: here("./playground.html") },
  },
  server: { proxy: { "/playground/api": "http://127.0.0.1:8001" } },
});
