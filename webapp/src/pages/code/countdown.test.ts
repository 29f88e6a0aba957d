import { expect, it } from "vitest";
import { grouped, lifeOf, secondsLeft } from "./countdown";

it("counts from the answer's arrival, whatever the phone's clock says", () => {
  const life = lifeOf(
    {
      code: "91123456789012345678",
      serverTime: "2026-11-23T12:00:00+08:00",
      renewAt: "2026-11-23T12:00:45+08:00",
      expiresAt: "2026-11-23T04:01:00Z",
    },
    5_000,
  );
  expect(life).toEqual({ code: "91123456789012345678", renewAt: 50_000, expiresAt: 65_000 });
  expect(secondsLeft(life.expiresAt, 5_000)).toBe(60);
  expect(secondsLeft(life.expiresAt, 64_001)).toBe(1);
  expect(secondsLeft(life.expiresAt, 70_000)).toBe(0);
});

it("groups digits for reading aloud", () =>
  expect(grouped("91123456789012345678")).toBe("9112 3456 7890 1234 5678"));
