import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type PrivateRedis, startRedis } from "../../playground/redis.ts";
import { scenarios } from "./scenario.ts";
import { sample, table, whole } from "./sweep.ts";

/** `npm run crash` runs every point of every scenario; here a seeded sample of each does, of `stop` the largest. */
const SEED = 20_261_123;
const SAMPLE = 3;
const OF_STOP = 12;

let redis: PrivateRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(async () => await redis.stop());

describe("killed before and after every outside call", () => {
  it.each(scenarios.map((s) => [s.name, s] as const))(
    "%s: done once, one true outcome, all of it in the audit log",
    async (name, scenario) => {
      const results = await whole(redis.url, scenario, {
        lanes: 3,
        choose(points) {
          expect(points.length).toBeGreaterThan(30);
          return sample(points, name === "stop" ? OF_STOP : SAMPLE, SEED);
        },
      });
      console.log(table(results));
      const wrong = results.filter((r) => r.wrong.length > 0);
      expect(wrong.map((r) => `${r.point.when} ${r.point.name}: ${r.wrong.join("; ")}`)).toEqual([]);
    },
    900_000,
  );
});
