import { beforeEach, expect, test } from "vitest";
import { createFresh, type Fresh } from "../../src/flink/fresh-metrics.ts";

let now = 0;
const said: string[] = [];
let fresh: Fresh;
const ask = () => Promise.resolve(said.push("asked"));

beforeEach(() => {
  now = 0;
  said.length = 0;
  fresh = createFresh(
    () => now,
    (ms) => Promise.resolve(said.push(`waited ${ms}`)),
  );
});

test("asks once for nothing and gives Flink a moment, whoever else asks meanwhile", async () => {
  await Promise.all([fresh(ask), fresh(ask), fresh(ask)]);
  expect(said).toEqual(["asked", "waited 500"]);
});

test("within one look once, and for the next look again", async () => {
  await fresh(ask);
  now = 2000;
  await fresh(ask);
  expect(said).toHaveLength(2);
  now = 2001;
  await fresh(ask);
  expect(said).toHaveLength(4);
});

test("waits for nothing where the cluster does not answer: whoever asks in earnest hears of it", async () => {
  await fresh(() => Promise.reject(new Error("down")));
  expect(said).toEqual([]);
});
