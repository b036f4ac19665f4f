import { expect, it } from "vitest";
import { until } from "../../../playground/flink/session.ts";
import type { Cluster } from "../../../src/flink/clusters.ts";
import type { Effect } from "../../../src/model/effect.ts";
import { METRICS_OF_TASK_MANAGER } from "../../../src/operations/facts/task-managers.ts";
import { VERTEX_METRICS } from "../../../src/operations/wording/metric.ts";
import type { Bench } from "./bench.ts";
import { accepted, newId, NOBODY, soon } from "./kit.ts";
import { given } from "../../../src/model/flink-jobs.ts";

/** What the operations that only look rely on, and `checkpoint`; `on` is called when a test runs. */
export function looksContract(on: () => { bench: Bench; flink: Cluster }): void {
  it("tells the graph, loads, task managers and jars", async () => {
    const { bench, flink } = on();
    const jobId = await bench.job({ name: "looks" });
    const vertices = given(await flink.reads.job(jobId))?.vertices ?? [];
    const ids = vertices.map((v) => v.id);
    const edges = await flink.reads.edges(jobId);
    expect(edges.length).toBeGreaterThanOrEqual(vertices.length - 1);
    expect(edges.every((e) => ids.includes(e.from) && ids.includes(e.to) && e.ship !== "")).toBe(true);
    expect(await flink.reads.edges(NOBODY)).toEqual([]);

    const last = ids.at(-1) ?? "";
    await until("the load of a vertex is fetched", async () => {
      const load = await flink.reads.vertexMetrics(jobId, last, [...VERTEX_METRICS, "noSuchMetric"]);
      const { busyTimeMsPerSecond: busy, numRecordsInPerSecond: records } = load;
      return (
        load["noSuchMetric"] === undefined && busy !== undefined && records !== undefined && records.sum > 0
      );
    });
    expect(await flink.reads.vertexMetricNames(jobId, last)).toContain("numRecordsInPerSecond");
    expect(await flink.reads.metricNames(jobId)).toContain("numRestarts");
    expect(await flink.reads.vertexMetrics(jobId, NOBODY, VERTEX_METRICS)).toEqual({});

    const [manager] = await flink.reads.taskManagers();
    expect(manager).toMatchObject({ slots: 16, host: "localhost" });
    expect(manager?.cpuCores).toBeGreaterThan(0);
    // a TaskManager is heard of every ten seconds
    expect(Math.abs(Date.now() - (manager?.heartbeatAt ?? 0))).toBeLessThan(60_000);
    await until("the memory of a task manager is fetched", async () => {
      const got = await flink.reads.taskManagerMetrics(manager?.id ?? "", METRICS_OF_TASK_MANAGER);
      return METRICS_OF_TASK_MANAGER.every((name) => Number(got[name]) >= 0);
    });
    expect(await flink.reads.jars()).toBeInstanceOf(Array);
    await flink.effects.perform({ do: "cancel", jobId }, newId(), soon());
  });

  it("reads the logs of JobManager and task manager", async () => {
    const { bench, flink } = on();
    const jobId = await bench.job({ name: "logged" });
    const log = await flink.reads.log({ of: "jobmanager" });
    if (log.is !== "read") throw new Error(log.is);
    expect(log.ended).toBe(true);
    expect(log.entries.every((e) => e.time !== null && e.level !== null)).toBe(true);
    const about = log.entries.filter((e) => e.text.includes(`Job logged (${jobId}) switched from state`));
    expect(about.at(-1)).toMatchObject({ level: "INFO", text: expect.stringMatching(/ to RUNNING\.$/u) });
    const [manager] = await flink.reads.taskManagers();
    const ofManager = await flink.reads.log({ of: "taskmanager", id: manager?.id ?? "" });
    expect(ofManager).toMatchObject({ is: "read", ended: true });
    expect(await flink.reads.log({ of: "taskmanager", id: "nobody" })).toEqual({ is: "unknown" });
    await flink.effects.perform({ do: "cancel", jobId }, newId(), soon());
  });

  it.each([false, true])("takes one checkpoint for one trigger id (full: %s)", async (full) => {
    const { bench, flink } = on();
    const jobId = await bench.job({ name: "checkpoint", noCheckpoints: false });
    const effect: Effect = { do: "checkpoint", jobId, full };
    const id = newId();
    const anchor = await flink.effects.anchor(effect);
    expect(await flink.effects.ask(effect, id, { anchor, sent: "perhaps" })).toEqual({ is: "not" });
    expect(await flink.effects.perform(effect, id, soon())).toEqual(accepted);
    expect(await flink.effects.perform(effect, id, soon())).toEqual(accepted);
    expect(await flink.effects.ask(effect, id, { anchor, sent: "perhaps" })).toEqual(accepted);
    await until("the checkpoint is over", async () => {
      const status = await flink.reads.checkpointTrigger(jobId, id);
      if (status?.is === "failed") throw new Error(status.reason);
      return status?.is === "completed" && status.checkpointId > 0;
    });
    expect(await flink.reads.checkpointTrigger(jobId, newId())).toEqual({ is: "forgotten" });
    expect(
      await flink.effects.ask(effect, newId(), { anchor: { ...anchor, startTime: 1 }, sent: "perhaps" }),
    ).toEqual({
      is: "unknown",
      looked: expect.stringContaining("no longer knows the request"),
    });
    await flink.effects.perform({ do: "cancel", jobId }, newId(), soon());
  });
}
