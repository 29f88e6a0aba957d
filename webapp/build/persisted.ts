// The server reads which documents the page may send from the built page itself.
import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

export function persistedDocuments(): Plugin {
  return {
    name: "persisted-documents",
    apply: "build",
    generateBundle() {
      const source = readFileSync(new URL("../src/graphql/persisted.json", import.meta.url), "utf8");
      this.emitFile({ type: "asset", fileName: "persisted.json", source });
    },
  };
}
