import { fileURLToPath } from "node:url";
import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vitest/config";
import { persistedDocuments } from "./build/persisted.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// Two entries: the student's page (index.html) and the operators' desk (desk.html).
export default defineConfig({
  plugins: [vue(), persistedDocuments()],
  resolve: { alias: { "@": here("./src") } },
  define: {
    __VUE_OPTIONS_API__: "false",
    __VUE_PROD_DEVTOOLS__: "false",
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
  },
  build: {
    target: "es2020",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // the page's policy allows no data: addresses
    manifest: "manifest.json",
    rollupOptions: {
      input: { page: here("./index.html"), desk: here("./desk.html") },
      // Short names: the entry lists its lazy files, and every byte of that list is in the budget.
      output: {
        entryFileNames: "assets/[name]-[hash].js",
        chunkFileNames: "assets/[hash].js",
        assetFileNames: "assets/[hash][extname]",
        // What every later screen shares comes as one file, not as five.
        codeSplitting: {
          includeDependenciesRecursively: false,
          groups: [
            { name: "Icon", test: /src\/icons\/(Icon|home)/ }, // the desk's too: it must not need the page's entry
            { name: "later", test: /src\/(components\/(TopBar|Refused|Sheet|Pick|Switch|input)|icons\/more)/ },
            { name: "energy", test: /src\/(components\/kwh|pages\/electricity\/(RoomCard|zh))/ },
            { name: "paying", test: /src\/(components\/(Amount|amount|Order)|composables\/use(Order|Wait)|wechat\/)/ },
          ],
        },
      },
    },
  },
  server: {
    proxy: Object.fromEntries(
      ["/graphql", "/auth"].map((path) => [path, { target: "http://127.0.0.1:8000", ws: true }]),
    ),
  },
  test: { environment: "happy-dom", include: ["src/**/*.test.ts"] },
});
