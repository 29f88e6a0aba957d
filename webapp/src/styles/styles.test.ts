// Screens' styles are global and come with their screen: of two rules for one selector the last to load would win.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const source = join(import.meta.dirname, "..");
const screens = ["App.vue", "components", "pages"].flatMap((room) =>
  room.endsWith(".vue")
    ? [room]
    : readdirSync(join(source, room), { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".vue"))
        .map((name) => join(room, name)),
);

function selectors(file: string): string[] {
  const style = /<style>([\s\S]*?)<\/style>/.exec(readFileSync(join(source, file), "utf8"))?.[1] ?? "";
  const rules = style.replace(/\/\*[\s\S]*?\*\//g, "").matchAll(/(?:^|[{}])\s*([^{}@]+)\{/g);
  const found = [...rules].flatMap(([, list]) => (list ?? "").split(",").map((selector) => selector.trim()));
  return found.filter((selector) => !/^(from|to|\d+%)$/.test(selector)); // steps of an animation
}

test("a selector belongs to one screen", () => {
  const places = new Map<string, Set<string>>();
  for (const file of screens)
    for (const selector of selectors(file)) places.set(selector, (places.get(selector) ?? new Set()).add(file));
  expect(places.size).toBeGreaterThan(50);
  expect([...places].filter(([, files]) => files.size > 1).map(([name, files]) => [name, ...files])).toEqual([]);
});
