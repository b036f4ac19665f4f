import { expect, test } from "vitest";
import { bottleneck, type VertexLoad } from "../../src/operations/facts/vertex-load.ts";

const load = (name: string, busy: number | null, backPressured: number | null): VertexLoad => ({
  id: name,
  name,
  parallelism: 1,
  maxParallelism: 128,
  busy,
  backPressured,
  idle: null,
  recordsIn: null,
  recordsOut: null,
});
const line = [
  { from: "Source", to: "Enrich", ship: "HASH" },
  { from: "Enrich", to: "Sink", ship: "FORWARD" },
];

test.each<[string, readonly VertexLoad[], string | null]>([
  [
    "the busy one behind one that is back-pressured",
    [load("Source", 100, 900), load("Enrich", 1000, 0), load("Sink", 100, 0)],
    "Enrich",
  ],
  ["nobody where none is back-pressured", [load("Source", 900, 0), load("Enrich", 900, 0)], null],
  ["nobody where the load is not known", [load("Source", null, null), load("Enrich", null, null)], null],
  [
    "the last in a line of back-pressured ones",
    [load("Source", 0, 1000), load("Enrich", 300, 600), load("Sink", 950, 0)],
    "Sink",
  ],
])("back-pressure starts at %s", (_name, loads, expected) => {
  expect(bottleneck(loads, line)?.id ?? null).toBe(expected);
});
