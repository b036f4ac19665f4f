import { expect, test } from "vitest";
import type { Target } from "../../src/model/target.ts";
import { withdraw } from "../../src/operations/withdraw.ts";
import { answered } from "./ask.ts";

test("withdraws the request that the id was resolved to, for the asker alone", async () => {
  const target: Target = { kind: "request", requestId: "3f9c12ab00" };
  expect(await answered("withdraw 3f9c12ab", { target })).toBe("withdraw 3f9c12ab00");
  // what others see is the request's own card
  expect(withdraw.personal).toBe(true);
});

test("an id that no request has, and one that is too short", async () => {
  expect(await answered("withdraw 3f9c12ab")).toBe(
    "There is no request 3f9c12ab.\n/flink requests --mine --open lists your requests.",
  );
  expect(await answered("withdraw 3f9")).toContain("request");
});
