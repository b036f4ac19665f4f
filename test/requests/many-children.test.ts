import { describe, expect, it } from "vitest";
import { poll } from "../../src/requests/steps/observe.ts";
import type { RequestRecord } from "../../src/requests/record/record.ts";
import { aRecord, aRun } from "../slack/a-record.ts";
import { anEngine, type TestEngine } from "./an-engine.ts";

const end = {
  ending: "ran",
  report: { outcome: "done", headline: "complete", lines: ["s3://b/1"] },
  at: 1,
} as const;

/** A request that has started so many, and which records are read. */
function aParent(children: number): { t: TestEngine; parent: RequestRecord; read: string[] } {
  const t = anEngine(null);
  const ids = Array.from({ length: children }, (_, i) => `c${i}`);
  for (const id of ids) t.store.put(aRecord({ id, state: "running", run: aRun({ note: "under way" }) }));
  const parent = aRecord({ id: "p", children: ids.map((id) => ({ id, jobId: `j-${id}`, name: id })) });
  t.store.put(parent);
  const read: string[] = [];
  const loadMany = t.store.loadMany.bind(t.store);
  t.engine.store.loadMany = async (all) => {
    read.push(...all);
    return await loadMany(all);
  };
  return { t, parent, read };
}

describe("the children of a request", () => {
  it("are read until they have ended, and no more", async () => {
    const { t, parent, read } = aParent(3);
    expect((await t.engine.children.of({ record: parent, now: 1 })).map((c) => c.says)).toEqual(
      Array(3).fill("under way"),
    );
    t.store.put(aRecord({ id: "c1", state: "ended", end }));
    await t.engine.children.of({ record: parent, now: 1 });
    read.length = 0;
    const seen = await t.engine.children.of({ record: parent, now: 1 });
    expect(read).toEqual(["c0", "c2"]);
    expect(seen.map((c) => c.outcome)).toEqual([null, "done", null]);
    expect(seen[1]).toMatchObject({ jobId: "j-c1", says: "complete", lines: ["s3://b/1"] });
  });

  it("are read anew where Redis went back to before they were started", async () => {
    const { t, parent, read } = aParent(2);
    for (const id of ["c0", "c1"]) t.store.put(aRecord({ id, state: "ended", end }));
    await t.engine.children.of({ record: parent, now: 1 });
    read.length = 0;
    await t.engine.children.of({
      record: { ...parent, children: parent.children.slice(0, 1) },
      now: 1,
    });
    expect(read).toEqual(["c0"]);
  });

  it("are checked on four times a second at most; one phase without children as quickly as Flink is", () => {
    const { t, parent } = aParent(1);
    const held = { rev: 1, now: 1000, readAtMonotonicMs: 0 };
    const run = aRun({ enteredAt: 1000 });
    expect(poll(t.engine, { ...held, record: { ...parent, run } })).toBe(250);
    expect(poll(t.engine, { ...held, record: { ...parent, run, children: [] } })).toBe(50);
  });
});

it("children that check on their parent at once share what is read, which is read after they asked", async () => {
  const { t, parent } = aParent(1);
  let loads = 0;
  const load = t.store.load.bind(t.store);
  t.engine.store.load = async (id) => {
    loads += 1;
    return await load(id);
  };
  const first = t.engine.children.parent("p");
  t.store.put({ ...parent, state: "ended" }, 2);
  const others = await Promise.all(
    Array.from({ length: 9 }, async () => await t.engine.children.parent("p")),
  );
  expect(others.map((r) => r?.state)).toEqual(Array(9).fill("ended"));
  expect((await first)?.state).toBe("awaiting");
  expect(loads).toBe(2);
});
