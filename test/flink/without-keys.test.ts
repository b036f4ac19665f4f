import { describe, expect, it } from "vitest";
import { startSimulated } from "../../playground/flink/simulated/server.ts";
import { type Cluster, createClusters } from "../../src/flink/clusters.ts";
import { given } from "../../src/model/flink-jobs.ts";
import { createPruner } from "../../src/flink/rest/without-keys.ts";
import { clusterAt } from "./local-server.ts";

/** The same numbers for the same seed. */
function numbers(seed: number): (below: number) => number {
  let x = seed;
  return (below) => {
    x = (x * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((x / 2_147_483_648) * below);
  };
}

/** `pieces`: where the text is cut, in bytes. */
function pruned(text: string, pieces: (left: number) => number, keys = ["plan", "stream-graph"]): string {
  const prune = createPruner(keys);
  const whole = Buffer.from(text);
  const kept: Buffer[] = [];
  for (let at = 0; at < whole.length; ) {
    const size = Math.max(1, pieces(whole.length - at));
    kept.push(Buffer.from(prune(whole.subarray(at, at + size))));
    at += size;
  }
  return Buffer.concat(kept).toString("utf8");
}

describe("a field that is left out", () => {
  it.each([
    ['{"plan":{"a":[1,{"b":"}],"}]},"x":1}', '{"plan":null,"x":1}'],
    ['{"x":"plan","plan":"a\\",\\"x\\":2"}', '{"x":"plan","plan":null}'],
    ['{"x":{"plan":1},"plan": 17 , "y":[]}', '{"x":{"plan":1},"plan":null, "y":[]}'],
    ['{"plan":[],"stream-graph":{},"z":"ü"}', '{"plan":null,"stream-graph":null,"z":"ü"}'],
    ['{"plan\\"":1,"plan":2}', '{"plan\\"":1,"plan":null}'],
    ["[1,2]", "[1,2]"],
    ["<!doctype html><title>plan: {x}</title>", "<!doctype html><title>plan: {x}</title>"],
    ["", ""],
  ])("of %s", (text, kept) => {
    expect(pruned(text, () => 1)).toBe(kept);
    expect(pruned(text, (left) => left)).toBe(kept);
  });

  it("is left out of anything, however it is cut, and nothing else is", () => {
    for (let seed = 1; seed <= 300; seed += 1) {
      const random = numbers(seed);
      const text = (): string =>
        Array.from(
          { length: random(8) },
          () => ['"', "\\", "{", "]", ",", ":", "ü", "plan", "\n"][random(9)],
        ).join("");
      const value = (depth: number): unknown => {
        const kind = random(depth > 3 ? 4 : 6);
        if (kind === 0) return random(1000) / 7;
        if (kind === 1) return random(2) === 0;
        if (kind <= 3) return kind === 2 ? null : text();
        const items = Array.from({ length: random(4) }, () => value(depth + 1));
        return kind === 4 ? items : object(items);
      };
      const object = (items: readonly unknown[]): object =>
        Object.fromEntries(items.map((item, i) => [random(4) === 0 ? "plan" : `${text()}${i}`, item]));
      const body = object(Array.from({ length: random(6) }, () => value(1)));
      const indent = random(3);
      const left = pruned(JSON.stringify(body, null, indent), () => 1 + random(7));
      expect(JSON.parse(left)).toEqual("plan" in body ? { ...body, plan: null } : body);
    }
  });
});

it("a job's page of 20 MB is read, because what makes it so long is its plan", async () => {
  const sim = await startSimulated();
  const { jobId } = await sim.control.addJob({ name: "sql", planLength: 20_000_000 });
  const clusters = createClusters([
    clusterAt(sim.url, { timeouts: { connectMs: 2000, readMs: 10_000, changeMs: 500, startMs: 1000 } }),
  ]);
  const { reads } = clusters.get("prod") as Cluster;
  expect(given(await reads.job(jobId))).toMatchObject({
    state: "RUNNING",
    vertices: [{ name: "Source: events" }, { tasksRunning: 1 }],
  });
  await clusters.close();
  await sim.stop();
});
