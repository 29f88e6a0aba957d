import { beforeEach, expect, it } from "vitest";
import { forgetOthers, keepSeen, knownLogin, readSeen } from "./cache";

beforeEach(() => localStorage.clear());

it("shows a login only what it saw itself", () => {
  keepSeen("usr_a", "home", { name: "张晓雨" });
  expect(readSeen("usr_a", "home")).toEqual({ name: "张晓雨" });
  expect(readSeen("usr_b", "home")).toBeNull();
  expect(readSeen(null, "home")).toBeNull();
});

it("drops the others when a login is known, and all at logout", () => {
  keepSeen("usr_a", "home", 1);
  keepSeen("usr_ab", "home", 2);
  localStorage.setItem("onecard.language", "en");
  forgetOthers("usr_a");
  expect(readSeen("usr_a", "home")).toBe(1);
  expect(readSeen("usr_ab", "home")).toBeNull();
  forgetOthers();
  expect(readSeen("usr_a", "home")).toBeNull();
  expect(localStorage.getItem("onecard.language")).toBe("en");
});

it("reads whose session the cookie names", () => {
  expect(knownLogin("a=1; onecard_who=usr_0abc; b=2")).toBe("usr_0abc");
  expect(knownLogin("xonecard_who=usr_1")).toBeNull();
  expect(knownLogin("")).toBeNull();
});
