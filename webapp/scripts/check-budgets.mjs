// Bytes a phone on dormitory Wi-Fi waits for, after brotli. Exits 1 when one is over its budget.
import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";

const BUDGETS = { "entry js": 40_000, "entry css": 3_000, "lazy route": 25_000 };
const ENTRIES = ["index.html", "desk.html"];

const dist = path.resolve(import.meta.dirname, "../dist");
const manifest = JSON.parse(readFileSync(path.join(dist, "manifest.json"), "utf8"));
const size = (file) => {
  const small = path.join(dist, `${file}.br`);
  return statSync(existsSync(small) ? small : path.join(dist, file)).size;
};

/** Everything loaded with a chunk at once: itself and its static imports. */
function closure(key, found = new Set()) {
  if (found.has(key)) return found;
  found.add(key);
  for (const next of manifest[key].imports ?? []) closure(next, found);
  return found;
}
function weigh(keys) {
  const css = new Set([...keys].flatMap((key) => manifest[key].css ?? []));
  const total = (files) => files.reduce((sum, file) => sum + size(file), 0);
  return { js: total([...keys].map((key) => manifest[key].file)), css: total([...css]) };
}

const rows = [];
for (const entry of ENTRIES) {
  const first = closure(entry);
  const { js, css } = weigh(first);
  rows.push([entry, "entry js", js], [entry, "entry css", css]);
  const seen = new Set();
  const visit = (key) => {
    if (seen.has(key)) return;
    seen.add(key);
    for (const next of manifest[key].imports ?? []) visit(next);
    for (const lazy of manifest[key].dynamicImports ?? []) {
      if (!seen.has(lazy)) {
        const extra = new Set([...closure(lazy)].filter((part) => !first.has(part)));
        const weight = weigh(extra);
        rows.push([`${entry} → ${lazy}`, "lazy route", weight.js + weight.css]);
      }
      visit(lazy);
    }
  };
  visit(entry);
  // An entry mounts its own screen: what two share belongs into a file of its own.
  for (const other of ENTRIES) {
    if (other !== entry && seen.has(other)) throw new Error(`${entry} loads the entry ${other}`);
  }
}

let failed = false;
for (const [where, what, bytes] of rows) {
  const over = bytes > BUDGETS[what];
  failed ||= over;
  console.log(
    `${over ? "OVER " : "  ok "} ${String(bytes).padStart(6)} / ${BUDGETS[what]}  ${what.padEnd(10)}  ${where}`,
  );
}
process.exit(failed ? 1 : 0);
