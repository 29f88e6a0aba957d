import { beforeEach, expect, it } from "vitest";
import { findWish, finishWish, keepWish, newCallerId } from "./callerId";

const want = { amount: "50.00", walletType: "CARD_ACCOUNT" };
beforeEach(() => sessionStorage.clear());

it("keeps one id for one wish, across tries and reloads", () => {
  const first = keepWish("recharge", "usr_a", want);
  expect(keepWish("recharge", "usr_a", { ...want })).toBe(first);
  expect(findWish("recharge")?.id).toBe(first);
});

it("makes a new id for another amount, another login, or after the end", () => {
  const first = keepWish("recharge", "usr_a", want);
  const other = keepWish("recharge", "usr_a", { ...want, amount: "51.00" });
  expect(other).not.toBe(first);
  expect(keepWish("recharge", "usr_b", { ...want, amount: "51.00" })).not.toBe(other);
  const kept = keepWish("recharge", "usr_a", want);
  finishWish("recharge");
  expect(findWish("recharge")).toBeNull();
  expect(keepWish("recharge", "usr_a", want)).not.toBe(kept);
});

it("forgets a broken memory instead of failing", () => {
  sessionStorage.setItem("onecard.wish.recharge", "{");
  expect(keepWish("recharge", "usr_a", want)).toMatch(/^[0-9a-f-]{36}$/);
});

it("makes version 4 UUIDs, never the same", () => {
  const ids = Array.from({ length: 200 }, newCallerId);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(new Set(ids).size).toBe(200);
});
