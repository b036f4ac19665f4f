import { expect, test } from "vitest";
import { settings } from "../../../playground/flink/settings.ts";

test("the real Flink of the tests keeps the caches that production has: nothing may pass only because they are short", () => {
  const at = { dir: "/d", restPort: 1, rpcPort: 2, zookeeperPort: null };
  for (const version of ["2.3.0", "1.20.5"] as const) {
    const keys = Object.keys(settings({ version }, at));
    expect(keys).toContain("execution.checkpointing.interval");
    expect(keys.filter((key) => /^metrics\.|refresh-interval|fetcher|query-service/u.test(key))).toEqual([]);
  }
});
