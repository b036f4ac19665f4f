import { beforeEach, expect, test } from "vitest";
import { createPrimeMetrics, type PrimeMetrics } from "../../src/flink/rest/prime-metrics.ts";
import { ManualClock } from "../fakes/clock.ts";

let clock: ManualClock;
const said: string[] = [];
let fresh: PrimeMetrics;
const ask = () => Promise.resolve(said.push("asked"));

beforeEach(() => {
  clock = new ManualClock();
  said.length = 0;
  fresh = createPrimeMetrics({
    monotonic: () => clock.monotonic(),
    sleep: (ms) => Promise.resolve(void said.push(`waited ${ms}`)),
  });
});

test("asks once for nothing and gives Flink a moment, whoever else asks meanwhile", async () => {
  await Promise.all([fresh(ask), fresh(ask), fresh(ask)]);
  expect(said).toEqual(["asked", "waited 500"]);
});

test("within one look once, and for the next look again", async () => {
  await fresh(ask);
  clock.at = 2000;
  await fresh(ask);
  expect(said).toHaveLength(2);
  clock.at = 2001;
  await fresh(ask);
  expect(said).toHaveLength(4);
});

test("waits for nothing where the cluster does not answer: whoever asks in earnest hears of it", async () => {
  await fresh(() => Promise.reject(new Error("down")));
  expect(said).toEqual([]);
});
