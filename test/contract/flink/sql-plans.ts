import { expect, it } from "vitest";
import { createSession } from "../../../playground/flink/session.ts";
import { flinkSql } from "../../../playground/sql/sql.ts";
import type { Cluster } from "../../../src/flink/clusters.ts";
import { given } from "../../../src/model/flink-jobs.ts";
import { fitOf } from "../../../src/operations/facts/state-fit.ts";
import type { Bench } from "./bench.ts";
import { accepted, type Kit, newId, soon } from "./kit.ts";
import { graphOf, idsOf } from "./plans.ts";

/** How the plans of SQL follow from its text; for a Flink with the jars of SQL. */
export function sqlPlans(on: () => { bench: Bench; flink: Cluster; kit: Kit }): void {
  it("plans SQL with the ids of the job that runs from it, and with names that have other numbers", async () => {
    const { bench, flink, kit } = on();
    const { jobs } = await flinkSql();
    const jar = await createSession(bench.url, jobs).uploadJar(jobs, "sql-jobs.jar");
    const effect = kit.runOf(jar, { args: ["join"] });
    const { jobId } = effect;
    expect(await flink.effects.perform(effect, newId(), soon())).toEqual(accepted);
    await kit.allRun(jobId);
    await kit.hasCheckpoint(jobId);
    const job = given(await flink.reads.job(jobId));
    const graph = await flink.reads.graphOf(jobId);
    const newest = given(await flink.reads.checkpoints(jobId))?.latestCompleted?.id ?? 0;
    const sizes = await flink.reads.stateSizes(jobId, newest);
    if (job === null || graph === null || sizes === null) throw new Error("Flink lists no such job");
    const before = { vertices: job.vertices, graph, sizes };

    for (const parallelism of [null, 2]) {
      const planned = await graphOf(flink, { jar, args: ["join"], parallelism });
      expect(planned.name).toBe(job.name);
      expect(idsOf(planned.vertices)).toEqual(idsOf(job.vertices));
      const names = (all: typeof planned): readonly string[] => all.vertices.flatMap((v) => v.operators);
      expect(names(planned).filter((name) => names(graph).includes(name))).toEqual([]);
      expect(fitOf(planned, before)).toMatchObject({ is: "fits", renamed: [], fresh: [] });
    }
    // without uids: the first table of another query has the id that the first one had here
    const other = await graphOf(flink, { jar, args: ["filter"] });
    const ids = idsOf(job.vertices);
    const same = other.vertices.filter((v) => ids.has(v.id)).map((v) => v.operators[0] ?? "");
    expect(same).toEqual([expect.stringMatching(/TableSourceScan\(.*customers/u)]);
    const had = graph.vertices.find((v) => idsOf(other.vertices).has(v.id));
    expect(had?.operators[0]).toMatch(/TableSourceScan\(.*orders/u);
    expect(fitOf(other, before).is).toBe("would drop");
    await kit.cancelJob(jobId);
  });
}
