import { expect, it } from "vitest";
import { until } from "../../../playground/flink/session.ts";
import type { Cluster } from "../../../src/flink/clusters.ts";
import { given } from "../../../src/model/flink-jobs.ts";
import type { JobGraph, Program } from "../../../src/model/planned-job.ts";
import { changedIn, diffOf, isEmptyDiff } from "../../../src/operations/facts/graph-diff.ts";
import type { Bench } from "./bench.ts";
import { accepted, type Kit, newId, NOBODY, soon } from "./kit.ts";

/** A plan as its graph. Throws where Flink tells none. */
export async function graphOf(
  flink: Cluster,
  program: Partial<Program> & { jar: string },
): Promise<JobGraph> {
  const planned = await flink.reads.planOf({ entryClass: null, args: [], parallelism: null, ...program });
  if (planned.is !== "planned") throw new Error(planned.why);
  return planned.graph;
}

export const idsOf = (vertices: readonly { id: string }[]): ReadonlySet<string> =>
  new Set(vertices.map((v) => v.id));

/** What telling before a start whether a program takes the state relies on. */
export function planContract(on: () => { bench: Bench; flink: Cluster; kit: Kit }): void {
  it("plans a jar: the vertices are those of the job that runs from it, and nothing is started", async () => {
    const { bench, flink, kit } = on();
    const own = await bench.jar("own");
    const args = ["--name", "planned"];
    const effect = kit.runOf(own, { args });
    expect(await flink.effects.perform(effect, newId(), soon())).toEqual(accepted);
    await kit.allRun(effect.jobId);
    const vertices = given(await flink.reads.job(effect.jobId))?.vertices ?? [];
    const before = await flink.reads.capabilities();
    const jobs = (await flink.reads.overview()).length;

    const graph = await graphOf(flink, { jar: own, args });
    expect(graph.name).toBe("planned");
    expect(idsOf(graph.vertices)).toEqual(idsOf(vertices));
    expect(graph.vertices.map((v) => v.parallelism)).toEqual([1, 1, 1]);
    const names = new Map(graph.vertices.map((v) => [v.id, v.operators.join(" -> ")]));
    for (const v of vertices) expect(names.get(v.id)).toBe(v.name);
    expect(graph.edges.map((e) => e.ship !== "")).toEqual([true, true]);

    const running = await flink.reads.graphOf(effect.jobId);
    if (running === null) throw new Error("the job that runs has no graph");
    expect(new Set(running.vertices)).toEqual(new Set(graph.vertices));
    expect(isEmptyDiff(diffOf(running, graph))).toBe(true);
    expect(await flink.reads.graphOf(NOBODY)).toBeNull();
    const wide = await graphOf(flink, { jar: own, args, parallelism: 4 });
    expect(idsOf(wide.vertices)).toEqual(idsOf(vertices));
    expect(wide.vertices.map((v) => v.parallelism)).toEqual([4, 4, 4]);
    const other = await graphOf(flink, { jar: await bench.jar("other state"), args });
    const known = idsOf(vertices);
    expect(other.vertices.filter((v) => !known.has(v.id)).map((v) => v.operators)).toEqual([["count"]]);
    const diff = diffOf(running, other);
    expect([diff.removed, diff.added].map((some) => some.map((v) => v.operators))).toEqual([
      [["count"]],
      [["count"]],
    ]);
    expect(changedIn(diff)).toEqual([]);
    const widened = changedIn(diffOf(running, wide)).map((v) => v.changes);
    expect(widened).toEqual(
      [1, 2, 3].map(() => expect.arrayContaining([{ is: "parallelism", from: 1, to: 4 }])),
    );

    expect((await flink.reads.overview()).length).toBe(jobs);
    expect(await flink.reads.capabilities()).toEqual(before);
    await kit.cancelJob(effect.jobId);
  });

  it("tells how much state each vertex has, also of a job that has ended", async () => {
    const { flink, kit } = on();
    const jobId = await kit.running(["--keys", "100"]);
    await until("every key is in a checkpoint", async () => {
      const newest = given(await flink.reads.checkpoints(jobId))?.latestCompleted;
      return newest != null && newest.id >= 2;
    });
    const sizes = async (): Promise<Readonly<Record<string, number>>> => {
      const newest = given(await flink.reads.checkpoints(jobId))?.latestCompleted?.id ?? 0;
      const found = await flink.reads.stateSizes(jobId, newest);
      const vertices = given(await flink.reads.job(jobId))?.vertices ?? [];
      return Object.fromEntries(vertices.map((v) => [v.name, found?.get(v.id) ?? -1]));
    };
    const alive = await sizes();
    expect(alive["count"]).toBeGreaterThan(alive["Source: events"] ?? Infinity);
    expect(alive["Source: events"]).toBeGreaterThan(0);
    expect(alive["sink: Writer"]).toBe(0);
    await kit.cancelJob(jobId);
    expect(Object.keys(await sizes())).toEqual(Object.keys(alive));
    expect((await sizes())["count"]).toBeGreaterThan(0);
    expect(await flink.reads.stateSizes(jobId, 99_999)).toBeNull();
    expect(await flink.reads.stateSizes(NOBODY, 1)).toBeNull();
  });

  it("says of a program that cannot be started why, when it is planned", async () => {
    const { bench, flink } = on();
    const own = { jar: await bench.jar("own"), entryClass: null, args: [], parallelism: null };
    const cases: [Program, string][] = [
      [
        { ...own, entryClass: "com.nope.Main" },
        "The program's entry point class 'com.nope.Main' was not found in the jar file.",
      ],
      [{ ...own, jar: "00000000-0000-0000-0000-000000000000_gone.jar" }, "_gone.jar does not exist"],
      [{ ...own, jar: await bench.jar("throwing") }, 'For input string: "x"'],
      [{ ...own, parallelism: 0 }, "Parallelism must be at least one"],
    ];
    for (const [program, words] of cases)
      expect(await flink.reads.planOf(program)).toEqual({
        is: "cannot start",
        why: expect.stringContaining(words),
      });
  });
}
