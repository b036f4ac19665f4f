import { expect, test } from "vitest";
import { answered, answerTo } from "./ask.ts";

test("is asked of the engine, which knows whose lock it is", async () => {
  expect(
    await answerTo("unlock prod/orders", { target: { kind: "name", cluster: "prod", name: "orders" } }),
  ).toEqual({ move: "lift", scope: { cluster: "prod", job: "orders" } });
  expect(await answered("unlock prod", { target: { kind: "cluster", cluster: "prod" } })).toBe("lift prod");
});

test("a job that has ended and left the catalog can still be unlocked", async () => {
  expect(
    await answered("unlock prod/gone", { target: { kind: "name", cluster: "prod", name: "gone" } }),
  ).toBe("lift prod/gone");
});

test("names what is to be unlocked", async () => {
  expect(await answered("unlock")).toContain("<where>");
});
