import { describe, expect, it } from "vitest";
import type { JobGraph } from "../../src/model/planned-job.ts";
import { changedIn, diffOf, isEmptyDiff, type VertexChange } from "../../src/operations/facts/graph-diff.ts";
import { diffPicture } from "../../src/operations/facts/graph-diff-picture.ts";
import { diffTable, MOST_COMPARED } from "../../src/operations/facts/graph-diff-table.ts";
import { briefly, changeWords, sumWords } from "../../src/operations/wording/graph-diff.ts";
import { T0 } from "../fakes/flink-reads.ts";

type V = readonly [id: string, chain: string, parallelism?: number];
type E = readonly [from: string, to: string, ship: string];

const graph = (vertices: readonly V[], edges: readonly E[] = []): JobGraph => ({
  name: "orders",
  vertices: vertices.map(([id, chain, parallelism = 2]) => ({
    id,
    operators: chain.split(" -> "),
    parallelism,
  })),
  edges: edges.map(([from, to, ship]) => ({ from, to, ship })),
});
const OLD = graph(
  [
    ["s", "Source"],
    ["c", "count"],
    ["w", "sink"],
  ],
  [
    ["s", "c", "HASH"],
    ["c", "w", "FORWARD"],
  ],
);
/** A SQL job, whose operators are numbered from `n` on. */
const sql = (n: number, ship: string, join = "j") =>
  graph(
    [
      ["s", `Source: orders[${n}] -> Calc[${n + 1}]`],
      [join, `[${n + 2}]:Join(where=[a = b])`],
      ["w", `sink[${n + 3}]: Writer`],
    ],
    [
      ["s", join, ship],
      [join, "w", ship],
    ],
  );
/** The changes of the one vertex that changes. */
function changesTo(after: JobGraph): readonly VertexChange[] {
  const [only, ...more] = changedIn(diffOf(OLD, after));
  expect(more).toEqual([]);
  return only?.changes ?? [];
}

describe("two graphs are compared by the ids of their vertices", () => {
  it("the same graph in another order has no difference", () => {
    const again = { ...OLD, vertices: OLD.vertices.toReversed(), edges: OLD.edges.toReversed() };
    expect(isEmptyDiff(diffOf(OLD, again))).toBe(true);
    expect(sumWords(diffOf(OLD, again))).toBe("no vertex differs");
  });

  it("a vertex with another id is removed and added, and its neighbours are the same", () => {
    const renamed = graph(
      [
        ["s", "Source"],
        ["c2", "count"],
        ["w", "sink"],
      ],
      [
        ["s", "c2", "HASH"],
        ["c2", "w", "FORWARD"],
      ],
    );
    const diff = diffOf(OLD, renamed);
    expect([diff.removed.map((v) => v.id), diff.added.map((v) => v.id)]).toEqual([["c"], ["c2"]]);
    expect(diff.successors).toEqual(new Map([["c", "c2"]]));
    expect(changedIn(diff)).toEqual([]);
    expect(sumWords(diff)).toBe("1 vertex added, 1 removed");
  });

  it("the numbers that Flink SQL gives to operators are no difference", () => {
    expect(isEmptyDiff(diffOf(sql(1, "HASH"), sql(40, "HASH")))).toBe(true);
    expect([...diffOf(sql(1, "HASH"), sql(40, "HASH", "k")).successors]).toEqual([["j", "k"]]);
    const changed = changedIn(diffOf(sql(1, "HASH"), sql(40, "REBALANCE")));
    expect(changed.flatMap((v) => v.changes.map(changeWords))).toEqual([
      "input from Source: orders: hash → rebalance",
      "input from Join(where=[a = b]): hash → rebalance",
    ]);
  });

  it("each removed vertex has one successor at most", () => {
    const twice = graph([
      ["a", "map"],
      ["b", "map"],
    ]);
    const diff = diffOf(twice, graph([["z", "map"]]));
    expect([...diff.successors]).toEqual([["a", "z"]]);
  });
});

describe("a vertex that stays is changed by", () => {
  const vertices = (over: Readonly<Record<string, V>>): readonly V[] => [
    over["s"] ?? ["s", "Source"],
    over["c"] ?? ["c", "count"],
    over["w"] ?? ["w", "sink"],
  ];
  const edges = OLD.edges.map(({ from, to, ship }): E => [from, to, ship]);

  it("its parallelism, unless Flink decides that at the start", () => {
    const changes = changesTo(graph(vertices({ c: ["c", "count", 4] }), edges));
    expect(changes).toEqual([{ is: "parallelism", from: 2, to: 4 }]);
    expect(changes.map(changeWords)).toEqual(["parallelism 2 → 4"]);
    expect(changesTo(graph(vertices({ c: ["c", "count", -1] }), edges))).toEqual([]);
  });

  it.each<[V, string]>([
    [["c", "count -> audit"], "also runs audit"],
    [["c", "filter"], "runs filter instead of count"],
    [["c", "count -> a -> b -> c -> d"], "also runs a, b, c and 1 more"],
  ])("the operators of its chain: %j", (c, words) => {
    expect(changesTo(graph(vertices({ c }), edges)).map(changeWords)).toEqual([words]);
  });

  it("an operator that leaves the chain", () => {
    const chained = graph([["c", "count -> audit"]]);
    const [changed] = changedIn(diffOf(chained, graph([["c", "count"]])));
    expect(changed?.changes.map(changeWords)).toEqual(["no longer runs audit"]);
  });

  it.each<[readonly E[], string, string]>([
    [
      [
        ["s", "c", "REBALANCE"],
        ["c", "w", "FORWARD"],
      ],
      "input from Source: hash → rebalance",
      "input hash → rebalance",
    ],
    [
      [
        ["s", "c", "HASH"],
        ["c", "w", "FORWARD"],
        ["s", "w", "BROADCAST"],
      ],
      "also reads Source (broadcast)",
      "other inputs",
    ],
    [[["s", "c", "HASH"]], "no longer reads count (forward)", "other inputs"],
    [
      [
        ["s", "c", "HASH"],
        ["s", "w", ""],
      ],
      "reads Source instead of count (forward)",
      "other inputs",
    ],
  ])("its inputs: %j", (after, words, brief) => {
    const changes = changesTo(graph(vertices({}), after));
    expect(changes.map(changeWords)).toEqual([words]);
    expect(changes.map(briefly)).toEqual([brief]);
  });

  it("one of two equal inputs", () => {
    const twice = graph(vertices({}), [...edges, ["c", "w", "FORWARD"]]);
    const [changed] = changedIn(diffOf(twice, OLD));
    expect(changed?.changes.map(changeWords)).toEqual(["no longer reads count (forward)"]);
  });
});

describe("the comparison is shown", () => {
  const after = graph(
    [
      ["s", "Source", 4],
      ["c2", "count"],
      ["w", "sink"],
    ],
    [
      ["s", "c2", "HASH"],
      ["c2", "w", "FORWARD"],
    ],
  );
  const compared = {
    diff: diffOf(OLD, after),
    fates: new Map([
      ["c", { state: { id: "c", name: "count", bytes: 41e6 }, fate: { is: "dropped" as const } }],
    ]),
  };

  it("as a table, what differs first; the id tells two vertices of one name apart", () => {
    expect(diffTable(compared).rows).toEqual([
      ["count (c)", [{ b: "removed" }], "41 MB, dropped"],
      ["count (c2)", [{ b: "added, parallelism 2" }], "starts empty"],
      ["Source", [{ b: "parallelism 2 → 4" }], "none"],
      ["sink", "unchanged", "none"],
    ]);
    expect(diffTable({ ...compared, fates: null }).rows[3]).toEqual(["sink", "unchanged", "not known"]);
  });

  it("of a large graph only as many rows as can be read", () => {
    const large = graph(Array.from({ length: 100 }, (_, i): V => [`v${i}`, `map ${i}`]));
    expect(diffTable({ diff: diffOf(large, large), fates: null }).rows).toHaveLength(MOST_COMPARED);
  });

  it("as a picture, where successors have one row; equal graphs have no picture", () => {
    const titles = { job: "orders", before: "RUNNING", after: "orders-2.jar", at: T0 };
    const picture = diffPicture(compared, { before: OLD, after }, titles);
    expect(picture?.sum).toBe("1 vertex added, 1 removed, 1 changed");
    expect(picture?.before.vertices.map((v) => [v.name, v.change, v.row, v.notes.join("; ")])).toEqual([
      ["Source", "changed", "s", "parallelism 2"],
      ["count", "removed", "c2", "id c; parallelism 2; state: 41 MB, dropped"],
      ["sink", "same", "w", "parallelism 2"],
    ]);
    expect(picture?.after.vertices.map((v) => [v.name, v.change, v.row, v.notes.join("; ")])).toEqual([
      ["Source", "changed", "s", "parallelism 2 → 4"],
      ["count", "added", "c2", "id c2; parallelism 2; starts empty"],
      ["sink", "same", "w", "parallelism 2"],
    ]);
    const same = { diff: diffOf(OLD, OLD), fates: null };
    expect(diffPicture(same, { before: OLD, after: OLD }, titles)).toBeNull();
  });
});
