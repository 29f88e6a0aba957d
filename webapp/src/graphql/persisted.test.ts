import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import * as desk from "./generated/desk/graphql";
import * as page from "./generated/page/graphql";
import persisted from "./persisted.json";

const documents: Record<string, string> = persisted;

describe("trusted documents", () => {
  it.each(Object.keys(documents))("%s is the sha256 of its text", (hash) =>
    expect(createHash("sha256").update(documents[hash] as string).digest("hex")).toBe(hash),
  );

  it("every document of page and desk is known to the server, and no other", () => {
    const sent = [page, desk].flatMap((entry) => Object.values(entry)).map((one) => one.__meta__.hash);
    expect(new Set(sent)).toEqual(new Set(Object.keys(documents)));
  });
});
