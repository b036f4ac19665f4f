import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { fail, ok, warn } from "../src/check-line.ts";
import { EXPLANATIONS, explained } from "../src/doctor.ts";

it("explains what fails and what warns, and counts", () => {
  const { text, exitCode } = explained([
    { topic: "seal", ...ok("seal: one key") },
    { topic: "workers", ...warn("zone east: no worker runs", "start one") },
    { topic: "redis", ...fail("Redis: does not answer", "start it, or set REDIS_URL") },
  ]);
  expect(exitCode).toBe(1);
  expect(text.split("\n")).toEqual([
    "ok    seal: one key",
    "warn  zone east: no worker runs",
    "      Tried:  reading the signs of life that workers write to Redis every second",
    "      Means:  requests for the clusters of a zone wait until a worker serves that zone",
    "      Do:     start one",
    "      Read:   docs/operating.md#processes, docs/runbook.md#a-card-does-not-change",
    "FAIL  Redis: does not answer",
    "      Tried:  connecting to redis.url, and reading INFO and the settings for eviction and persistence",
    "      Means:  accepted requests are stored in Redis alone; what Redis loses is lost",
    "      Do:     start it, or set REDIS_URL",
    "      Read:   docs/install.md#redis, docs/runbook.md#redis-is-down",
    "",
    "1 failed, 1 to consider, 1 fine",
  ]);
});

it("leaves with 0 where nothing fails", () => {
  expect(explained([{ topic: "workers", ...warn("no worker", "start one") }]).exitCode).toBe(0);
});

/** The anchors of a page, as GitHub makes them of its headings. */
const anchorsOf = (page: string): readonly string[] =>
  [...readFileSync(page, "utf8").matchAll(/^#+ (.*)$/gmu)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/gu, "")
      .replaceAll(" ", "-"),
  );

it.each(Object.entries(EXPLANATIONS))("names pages and headings that exist: %s", (_, { read }) => {
  expect(read.length).toBeGreaterThan(0);
  for (const place of read) {
    const [page = "", anchor] = place.split("#");
    expect(existsSync(page) || page).toBe(true);
    if (anchor !== undefined) expect(anchorsOf(page)).toContain(anchor);
  }
});
