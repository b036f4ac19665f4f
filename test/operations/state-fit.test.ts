import { describe, expect, it } from "vitest";
import { type Before, fitOf } from "../../src/operations/facts/state-fit.ts";
import type { JobGraph } from "../../src/model/planned-job.ts";

/** Each vertex as its id and the operators of its chain. */
const graph = (parallelism: number, ...vertices: readonly (readonly [string, string])[]): JobGraph => ({
  name: "orders",
  vertices: vertices.map(([id, chain]) => ({ id, operators: chain.split(" -> "), parallelism })),
  edges: [],
});
const OLD = graph(1, ["s", "Source"], ["c", "count"], ["w", "sink"]);
const before = (over: Partial<Before> = {}): Before => ({
  vertices: OLD.vertices.map((v) => ({ id: v.id, name: v.operators.join(" -> "), maxParallelism: 128 })),
  graph: OLD,
  sizes: new Map([
    ["s", 265],
    ["c", 41_000_000],
    ["w", 0],
  ]),
  ...over,
});
const COUNT = { id: "c", name: "count", bytes: 41_000_000 };
const SOURCE = { id: "s", name: "Source", bytes: 265 };

describe("whether a program takes the state", () => {
  it("takes all of it where every vertex with state has its id, at any parallelism up to the maximum", () => {
    const all = { is: "fits", held: [COUNT, SOURCE], renamed: [], fresh: [] };
    expect(fitOf(OLD, before())).toEqual(all);
    expect(fitOf(graph(128, ["s", "Source"], ["c", "count"]), before())).toEqual(all);
  });

  it("names new vertices, which start empty", () => {
    const more = graph(1, ["s", "Source"], ["c", "count"], ["p", "pass -> map"], ["w", "sink"]);
    expect(fitOf(more, before())).toMatchObject({ is: "fits", fresh: ["pass -> map"] });
  });

  it("would drop state for which there is no vertex, but misses none without state", () => {
    const renamed = graph(1, ["s", "Source"], ["c2", "count"], ["w2", "sink"]);
    expect(fitOf(renamed, before())).toEqual({
      is: "would drop",
      dropped: [COUNT],
      fresh: ["count", "sink"],
    });
    expect(fitOf(graph(1, ["s", "Source"], ["c", "count -> sink"]), before())).toMatchObject({ is: "fits" });
  });

  it("cannot tell where the operator may be inside a chain, which has no ids", () => {
    const chained = graph(1, ["s", "Source -> count"]);
    expect(fitOf(chained, before())).toEqual({ is: "moved", moved: [COUNT] });
    const bothGone = graph(1, ["x", "other -> count"]);
    expect(fitOf(bothGone, before())).toMatchObject({ is: "would drop", dropped: [SOURCE] });
  });

  it("tells where state goes to an operator of another name, as it may without uids", () => {
    const taken = graph(1, ["s", "Source"], ["c", "pass"]);
    expect(fitOf(taken, before())).toMatchObject({
      is: "fits",
      renamed: [{ state: COUNT, to: "pass" }],
    });
  });

  it("knows an operator of SQL again, whose number is another in each plan", () => {
    const sql = (n: number): JobGraph =>
      graph(1, ["s", `[${n}]:TableSourceScan(a[1]: b)`], ["c", `[${n + 1}]:Join -> sink[${n + 2}]: Writer`]);
    const ran = before({ graph: sql(31) });
    expect(fitOf(sql(44), ran)).toMatchObject({ is: "fits", held: [COUNT, SOURCE], renamed: [] });
    const chained = graph(1, ["s", "[51]:TableSourceScan(a[1]: b) -> [52]:Join"]);
    expect(fitOf(chained, ran)).toMatchObject({ is: "moved", moved: [COUNT] });
    const other = graph(1, ["s", "[51]:TableSourceScan(c)"], ["c", "[52]:Join"]);
    expect(fitOf(other, ran)).toMatchObject({ renamed: [{ state: SOURCE, to: "[51]:TableSourceScan(c)" }] });
  });

  it("does not take it at a parallelism above the maximum of a vertex with state", () => {
    expect(fitOf(graph(129, ["s", "Source"], ["c", "count"]), before())).toEqual({
      is: "too wide",
      name: "count",
      parallelism: 129,
      most: 128,
    });
  });

  it("has nothing to take from a job without state", () => {
    expect(fitOf(graph(200, ["x", "y"]), before({ sizes: new Map() }))).toEqual({
      is: "fits",
      held: [],
      renamed: [],
      fresh: ["y"],
    });
  });
});
