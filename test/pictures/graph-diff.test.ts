import { describe, expect, it, test } from "vitest";
import type { DiffVertex, GraphDiff, GraphEdge } from "../../src/model/picture.ts";
import { altText } from "../../src/pictures/alt-text.ts";
import { linksOf, rowsOf } from "../../src/pictures/diff-rows.ts";
import { draw } from "../../src/pictures/draw.ts";
import { drawGraphDiff } from "../../src/pictures/graph-diff.ts";
import { sizes } from "../../src/pictures/theme.ts";
import { AT } from "./a-picture.ts";

const vertex = (id: string, over: Partial<DiffVertex> = {}): DiffVertex => ({
  id,
  name: id,
  change: "same",
  notes: ["parallelism 2"],
  row: id,
  ...over,
});
const added = (id: string, over: Partial<DiffVertex> = {}): DiffVertex =>
  vertex(id, { change: "added", notes: ["parallelism 2", "starts empty"], ...over });
const removed = (id: string, over: Partial<DiffVertex> = {}): DiffVertex =>
  vertex(id, { change: "removed", notes: ["parallelism 2", "state: 41 MB, dropped"], ...over });

const chain = (...ids: readonly string[]): readonly GraphEdge[] =>
  ids.slice(1).map((to, i) => ({ from: ids[i] ?? "", to, ship: "HASH" }));

const aDiff = (before: readonly DiffVertex[], after: readonly DiffVertex[]): GraphDiff => ({
  kind: "graph diff",
  job: "orders",
  sum: "1 vertex added, 1 removed",
  at: AT,
  before: { title: "RUNNING", vertices: before, edges: chain(...before.map((v) => v.id)) },
  after: { title: "orders-1.1.jar", vertices: after, edges: chain(...after.map((v) => v.id)) },
});
/** `count` has another id afterwards. */
const RENAMED = aDiff(
  [vertex("Source"), removed("count", { row: "count2" }), vertex("sink")],
  [vertex("Source"), added("count2", { name: "count" }), vertex("sink")],
);
/** Each row as the ids on both sides; more than one in a box are counted. */
const drawn = (diff: GraphDiff): readonly string[] =>
  rowsOf(diff).map(({ before, after }) =>
    [before, after]
      .map((box) =>
        box === null ? "-" : box.vertices.length > 1 ? `${box.vertices.length}` : box.vertices[0]?.id,
      )
      .join("|"),
  );
const lettering = (svg: string): string[] =>
  [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/gu)].map(([, words = ""]) => words);
/** Every `step`th of `n` vertices is changed. */
const every = (n: number, step: number): readonly DiffVertex[] =>
  many(n).map((v, i) => (i % step === 0 ? { ...v, change: "changed" as const } : v));
const many = (n: number): readonly DiffVertex[] => Array.from({ length: n }, (_, i) => vertex(`v${i}`));

describe("the rows of two graphs", () => {
  it("have a vertex of both graphs at one height, in the order of the edges", () => {
    const { before, after } = RENAMED;
    const shuffled = { ...RENAMED, before: { ...before, vertices: before.vertices.toReversed() }, after };
    expect(drawn(shuffled)).toEqual(["Source|Source", "count|count2", "sink|sink"]);
  });

  it("leave room on one side for what is only on the other", () => {
    const more = aDiff([vertex("a"), vertex("b")], [vertex("a"), added("x"), vertex("b")]);
    expect(drawn(more)).toEqual(["a|a", "-|x", "b|b"]);
    const other = aDiff(
      [vertex("a"), removed("r1"), removed("r2"), vertex("b")],
      [vertex("a"), added("x"), vertex("b")],
    );
    expect(drawn(other)).toEqual(["a|a", "r1|x", "r2|-", "b|b"]);
  });

  it("join what does not change, far from a difference first", () => {
    const before = many(12);
    const after = before.map((v) => (v.id === "v5" ? { ...v, change: "changed" as const } : v));
    expect(drawn(aDiff(after, after))).toEqual(["4|4", "v4|v4", "v5|v5", "v6|v6", "5|5"]);
    expect(drawn(aDiff(before.slice(0, 7), before.slice(0, 7)))).toHaveLength(7);
  });

  it("join all that does not change, and then the rest, where there are many differences", () => {
    expect(drawn(aDiff(every(9, 3), every(9, 3)))).toEqual(["v0|v0", "2|2", "v3|v3", "2|2", "v6|v6", "2|2"]);
    const rows = drawn(aDiff(every(40, 2), every(40, 2)));
    expect(rows).toHaveLength(10);
    expect(rows.at(-1)).toBe("31|31");
  });

  it("survive two graphs that have a cycle together", () => {
    const turned = aDiff([vertex("a"), vertex("b")], [vertex("b"), vertex("a")]);
    expect(drawn(turned)).toEqual(["a|a", "b|b"]);
    expect(linksOf(rowsOf(turned), "after", turned.after.edges)).toEqual([]);
  });

  it("name each way of sending once on an edge", () => {
    const rows = rowsOf(RENAMED);
    const edges = ["HASH", "HASH", "REBALANCE", ""].map((ship) => ({ from: "Source", to: "count", ship }));
    expect(linksOf(rows, "before", edges)).toEqual([{ from: 0, to: 1, label: "hash, rebalance" }]);
    const ways = ["A", "B", "C"].map((ship) => ({ from: "Source", to: "nowhere", ship }));
    expect(linksOf(rows, "before", ways)).toEqual([]);
  });
});

test("the picture says what is added, removed and changed in words, too", () => {
  const { svg } = drawGraphDiff(RENAMED);
  expect(lettering(svg)).toEqual(
    expect.arrayContaining([
      "orders",
      "1 vertex added, 1 removed · 07:02 UTC",
      "BEFORE",
      "RUNNING",
      "AFTER",
      "orders-1.1.jar",
      "REMOVED",
      "state: 41 MB, dropped",
      "ADDED",
      "starts empty",
      "hash",
    ]),
  );
  expect(lettering(svg)).not.toContain("CHANGED");
  // a removed vertex has a broken outline, and two boxes of one id are joined by a dotted line
  expect(svg.match(/stroke-dasharray="9 5"/gu)).toHaveLength(1);
  expect(svg.match(/stroke-dasharray="2 4"/gu)).toHaveLength(2);
});

test("joined vertices are counted by what becomes of them", () => {
  const all = every(30, 2);
  const words = lettering(drawGraphDiff(aDiff(all, all)).svg);
  expect(words).toContain("21 more vertices");
  expect(words).toContain("10 changed");
  expect(lettering(drawGraphDiff(aDiff(many(9), many(9))).svg)).toContain("9 unchanged vertices");
});

test.each([
  ["a renamed vertex", RENAMED],
  [
    "edges past many boxes",
    (() => {
      const base = aDiff(many(7), many(7));
      const edges = many(7).flatMap((from, i) =>
        many(7)
          .slice(i + 1)
          .map((to) => ({ from: from.id, to: to.id, ship: "HASH" })),
      );
      return { ...base, before: { ...base.before, edges }, after: { ...base.after, edges } };
    })(),
  ],
  [
    "a graph without number",
    aDiff(
      many(500),
      many(500).map((v) => ({ ...v, change: "changed" as const })),
    ),
  ],
])("%s is legible on a phone, and drawn from edge to edge", (_, diff) => {
  const { svg, width, height } = drawGraphDiff(diff);
  expect((sizes.text * 360) / width).toBeGreaterThan(8);
  expect(height).toBeLessThan(2_000);
  const paths = svg.slice(svg.indexOf("</defs>"));
  const xs = [...paths.matchAll(/[MHQ](-?\d+(?:\.\d+)?)/gu)].map(([, x]) => Number(x));
  expect(Math.min(...xs)).toBeGreaterThan(0);
  expect(Math.max(...xs)).toBeLessThan(width);
});

const HOSTILE = `</text><image href="x"/> & \u202egnp.\u0000\ud800 工作 ${"long ".repeat(400)}`;
test.each([
  [
    "odd names",
    aDiff([vertex("a", { name: HOSTILE, notes: [HOSTILE, HOSTILE] })], [added("b", { name: HOSTILE })]),
  ],
  ["nothing", aDiff([], [])],
  ["10,000 vertices", aDiff(many(10_000), many(9_000))],
])("%s make a picture, the same each time", async (_, diff) => {
  const [first, second] = [await draw(diff), await draw(diff)];
  expect(first.png.toString("hex", 0, 8)).toBe("89504e470d0a1a0a");
  expect(second.png.equals(first.png)).toBe(true);
  expect(first.name).toBe("graph-diff.png");
  expect(first.alt.length).toBeLessThanOrEqual(1000);
  expect(drawGraphDiff(diff).svg).not.toContain("<image");
});

test("the picture in words: what differs, then what does not", () => {
  expect(altText(RENAMED)).toBe(
    "Job graph of orders (RUNNING) and with orders-1.1.jar, at 07:02 UTC: 1 vertex added, 1 removed. " +
      "count: removed, parallelism 2, state: 41 MB, dropped. " +
      "count: added, parallelism 2, starts empty. Unchanged: Source, sink.",
  );
  const changed = vertex("count", { change: "changed", notes: ["parallelism 2 → 4"] });
  const same = aDiff([vertex("count", { change: "changed" })], [changed]);
  expect(altText(same).match(/count: changed/gu)).toHaveLength(1);
});
