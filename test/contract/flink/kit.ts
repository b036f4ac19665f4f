import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import { until } from "../../../playground/flink/session.ts";
import type { Cluster } from "../../../src/flink/clusters.ts";
import { liesUnder } from "../../../src/model/state-path.ts";
import type { Disposal } from "../../../src/model/flink-cluster.ts";
import {
  type Checkpoint,
  type TriggerStatus,
  type Requirements,
  given,
} from "../../../src/model/flink-jobs.ts";
import type { Effect, FlinkEffect, Lease } from "../../../src/model/effect.ts";
import type { Bench } from "./bench.ts";
import { stateNow } from "../../fakes/sighted.ts";

export const NOBODY = "00000000000000000000000000000000";
export const newId = (): string => randomBytes(16).toString("hex");
export const soon = (): Lease => ({ untilMonotonicMs: performance.now() + 10_000 });
export const accepted: unknown = expect.objectContaining({ is: "accepted" });

/** More than a job counts slowly while a test looks at it. */
const MANY_EVENTS = 500;

export type Kit = ReturnType<typeof createKit>;

/** What the contract does again and again on one Flink. */
export function createKit(flink: Cluster, bench: Bench) {
  const { savepoints } = bench;
  const savepointOf = (jobId: string): Extract<Effect, { do: "savepoint" }> => ({
    do: "savepoint",
    jobId,
    directory: `${savepoints}/${newId()}`,
    format: "CANONICAL",
  });
  const stopOf = (jobId: string, drain: boolean): Extract<Effect, { do: "stop" }> => ({
    ...savepointOf(jobId),
    do: "stop",
    drain,
  });
  const cancelJob = async (jobId: string): Promise<void> => {
    await flink.effects.perform({ do: "cancel", jobId }, newId(), soon());
    await until("cancelled", async () => (await stateNow(flink.reads, jobId)) === "CANCELED");
  };
  async function outcome(jobId: string, triggerId: string): Promise<TriggerStatus> {
    let status: TriggerStatus | null = null;
    await until("the operation is over", async () => {
      status = await flink.reads.trigger(jobId, triggerId);
      return status.is !== "forgotten" && status.is !== "in_progress";
    });
    return status ?? { is: "in_progress" };
  }
  async function savepointsUnder(jobId: string, directory: string | null): Promise<readonly Checkpoint[]> {
    const known = given(await flink.reads.checkpoints(jobId));
    return (known?.history ?? []).filter((c) => c.path !== null && liesUnder(c.path, directory ?? ""));
  }
  const parallelisms = async (jobId: string): Promise<number[]> =>
    (given(await flink.reads.job(jobId))?.vertices ?? []).map((v) =>
      v.tasksRunning === v.parallelism ? v.parallelism : 0,
    );
  async function requirementsOf(jobId: string): Promise<Requirements> {
    const got = await flink.reads.requirements(jobId);
    return got.is === "ok" ? got.vertices : {};
  }

  type Run = Extract<FlinkEffect, { do: "run" }>;
  const runOf = (jar: string, over: Partial<Run> = {}): Run => ({
    do: "run",
    jobId: newId(),
    jar,
    entryClass: null,
    args: ["--keys", "1"],
    parallelism: null,
    from: null,
    allowNonRestoredState: false,
    ...over,
  });
  /** Starts it; the id under which Flink tells what became of it. */
  async function disposalOf(path: string): Promise<string> {
    const sent = await flink.effects.perform({ do: "dispose", path }, newId(), soon());
    expect(sent).toMatchObject({
      is: "accepted",
      answer: { disposal: expect.stringMatching(/^[0-9a-f]{32}$/u) },
    });
    return sent.is === "accepted" ? (sent.answer as { disposal: string }).disposal : "";
  }
  async function dispose(path: string): Promise<Disposal | null> {
    const id = await disposalOf(path);
    let disposal: Disposal | null = null;
    await until("the disposal is over", async () => {
      disposal = await flink.reads.disposal(id);
      return disposal?.is !== "in_progress";
    });
    return disposal;
  }
  async function savepoint(jobId: string): Promise<string> {
    const id = newId();
    expect(await flink.effects.perform(savepointOf(jobId), id, soon())).toEqual(accepted);
    const status = await outcome(jobId, id);
    if (status.is !== "completed") throw new Error(`no savepoint: ${JSON.stringify(status)}`);
    return status.location;
  }
  const hasCheckpoint = async (jobId: string): Promise<void> =>
    await until(`${jobId} has a checkpoint`, async () => {
      const known = await flink.reads.checkpoints(jobId);
      return known !== "not yet" && given(known)?.latestCompleted != null;
    });
  /** A job that has a checkpoint. */
  async function running(args: readonly string[] = ["--keys", "1"]): Promise<string> {
    const effect = runOf(await bench.jar("own"), { args });
    expect(await flink.effects.perform(effect, newId(), soon())).toEqual(accepted);
    await hasCheckpoint(effect.jobId);
    return effect.jobId;
  }
  /** A job that has counted more `events` than one that has just begun. */
  async function counting(): Promise<{ jobId: string; events: number }> {
    const jobId = await running(["--keys", "1", "--rate", "2000"]);
    await bench.count(jobId, MANY_EVENTS);
    return { jobId, events: await counted(jobId, MANY_EVENTS) };
  }
  const allRun = async (jobId: string): Promise<void> =>
    await until(`all tasks of ${jobId} run`, async () => {
      const all = await parallelisms(jobId);
      return (await stateNow(flink.reads, jobId)) === "RUNNING" && all.length > 0 && !all.includes(0);
    });
  /** How many events the job has counted, over all restarts and whatever it was started from. */
  async function counted(jobId: string, least = 1): Promise<number> {
    const count =
      (given(await flink.reads.job(jobId))?.vertices ?? []).find((v) => v.name === "count")?.id ?? "";
    let events = 0;
    await until("some events are counted", async () => {
      // Flink puts the operator's name before it, and fetches metrics only once somebody asks
      const names = (await flink.reads.vertexMetricNames(jobId, count)).filter((n) => /\bcounted$/u.test(n));
      const found = names.length === 0 ? {} : await flink.reads.vertexMetrics(jobId, count, names);
      events = Math.max(0, ...Object.values(found).map((m) => m.max));
      return events >= least;
    });
    return events;
  }

  return {
    savepointOf,
    stopOf,
    runOf,
    /** Arguments for a job that counts an event per second. */
    slowly: ["--keys", "1", "--rate", "1"],
    savepoint,
    disposalOf,
    dispose,
    hasCheckpoint,
    running,
    counting,
    counted,
    cancelJob,
    allRun,
    outcome,
    savepointsUnder,
    parallelisms,
    requirementsOf,
  };
}
