import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type FlinkOptions, type RealFlink, startFlink } from "../../playground/flink/launcher.ts";
import { until } from "../../playground/processes.ts";
import { startSurroundings, type Surroundings, type WorldOptions } from "./world.ts";

/** A world whose cluster is a real one. */
export interface RealWorld extends Surroundings {
  readonly cluster: RealFlink;
  /** Flink's own word. */
  readonly truth: Truth;
}

/** What Flink's REST API says, read without any code of flinkops. */
export interface Truth {
  state(jobId: string): Promise<string | null>;
  /** Of each vertex: parallelism and how many of its tasks run. */
  vertices(jobId: string): Promise<{ parallelism: number; running: number }[]>;
  savepoints(jobId: string): Promise<string[]>;
  /** Resolves once a checkpoint of the job is complete: RUNNING comes before the first one. */
  checkpointed(jobId: string): Promise<void>;
  /** What the job was started from; null: from nothing. */
  restoredFrom(jobId: string): Promise<string | null>;
  /** Jobs of this name, or of any, that have not ended, newest first. */
  alive(name?: string): Promise<{ id: string; state: string }[]>;
  /** What the job's `count` says of itself (PlaygroundJob.java), once it says anything: `counted`, `misses`. */
  metric(jobId: string, name: "counted" | "misses"): Promise<number>;
}

/** Besides the world: of its cluster. */
export interface RealOptions extends Omit<WorldOptions, "demo"> {
  slots?: number;
  /** Of Flink's configuration. */
  flink?: Record<string, string>;
  /** Of its JVMs; an application cluster where it has a job of its own. */
  jvms?: Pick<FlinkOptions, "application" | "lib" | "plugins" | "env">;
  /** Where people may put savepoints; the cluster's own folder on disk. */
  savepointRoots?: readonly string[];
}

/** One real cluster, called `live`, with everything of `startWorld` around it. */
export async function startRealWorld(options: RealOptions = {}): Promise<RealWorld> {
  const cluster = await startFlink({
    version: "2.3.0",
    slots: options.slots ?? 8,
    // a job that was scaled down keeps its slots for 50 s otherwise
    config: { "slot.idle.timeout": "500 ms", ...options.flink },
    ...options.jvms,
  });
  const savepointRoots = options.savepointRoots ?? [cluster.savepointsDir];
  const live = { url: cluster.url, changes: true, savepointRoots };
  const around = await startSurroundings(
    {
      ...options,
      clusters: { live, ...options.clusters },
      // a real JobManager on a busy machine is not as quick as the simulated one
      timings: {
        flinkConnect: "3s",
        flinkTimeout: "10s",
        flinkChangeTimeout: "20s",
        flinkStartTimeout: "60s",
        absentFor: "10s",
        // longer than what Flink shows may be old
        steadyFor: "3500ms",
        ...options.timings,
      },
    },
    async () => await cluster.stop(),
  );
  return { ...around, cluster, truth: truthOf(cluster) };
}

/** Reads nothing but what anybody may ask it. */
export function truthOf(cluster: RealFlink): Truth {
  const read = async <T>(path: string): Promise<T | null> => (await cluster.get(path)) as T | null;
  return {
    async state(jobId) {
      // a job's own page may be three seconds old
      const all = await read<{ jobs: { jid: string; state: string }[] }>("/jobs/overview");
      return all?.jobs.find((job) => job.jid === jobId)?.state ?? null;
    },
    async vertices(jobId) {
      type Job = { vertices: { parallelism: number; tasks: Record<string, number> }[] };
      // one answer that did not come would look like a job without vertices
      const job = await until(`Flink's answer about ${jobId}`, async () => await read<Job>(`/jobs/${jobId}`));
      return job.vertices.map((v) => ({
        parallelism: v.parallelism,
        running: v.tasks["RUNNING"] ?? 0,
      }));
    },
    async savepoints(jobId) {
      const all = await read<{
        history: { is_savepoint: boolean; status: string; external_path?: string }[];
      }>(`/jobs/${jobId}/checkpoints`);
      const done = (all?.history ?? []).filter((c) => c.is_savepoint && c.status === "COMPLETED");
      return done.map((c) => c.external_path ?? "");
    },
    async restoredFrom(jobId) {
      const all = await read<{ latest: { restored: { external_path: string } | null } }>(
        `/jobs/${jobId}/checkpoints`,
      );
      return all?.latest.restored?.external_path ?? null;
    },
    async alive(name) {
      const all = await read<{ jobs: { jid: string; name: string; state: string }[] }>("/jobs/overview");
      return (all?.jobs ?? [])
        .filter(
          (j) =>
            (name === undefined || j.name === name) && !["FINISHED", "FAILED", "CANCELED"].includes(j.state),
        )
        .map(({ jid, state }) => ({ id: jid, state }));
    },
    async metric(jobId, name) {
      let seen = "nothing";
      const look = async (): Promise<number | null> => {
        // read anew each time: one answer that did not come must not decide the others
        const job = await read<{ vertices?: { id: string; name: string }[] }>(`/jobs/${jobId}`);
        const vertex = job?.vertices?.find((v) => v.name.includes("count"));
        seen = `the job's vertices ${job?.vertices?.map((v) => v.name).join(", ")}`;
        if (vertex === undefined) return null;
        const path = `/jobs/${jobId}/vertices/${vertex.id}/subtasks/metrics`;
        const known = await read<{ id: string }[]>(path);
        seen = `the metrics ${known?.map((m) => m.id).join(", ")}`;
        const id = known?.find((m) => m.id.endsWith(`.${name}`) || m.id === name)?.id;
        if (id === undefined) return null;
        const got = await read<{ max: number }[]>(`${path}?get=${encodeURIComponent(id)}&agg=max`);
        seen = JSON.stringify(got);
        return got?.[0]?.max ?? null;
      };
      return await until(`the metric ${name} of ${jobId}`, look).catch((error: unknown) => {
        throw new Error(`Flink last said: ${seen}`, { cause: error });
      });
    },
    async checkpointed(jobId) {
      await until(
        `a completed checkpoint of ${jobId}`,
        async () => {
          const all = await read<{ latest: { completed: object | null } }>(`/jobs/${jobId}/checkpoints`);
          return all?.latest.completed ?? null;
        },
        30_000,
      );
    },
  };
}

/** Whether there is a complete savepoint: its `_metadata` is written last. */
export function isSavepoint(location: string): boolean {
  const folder = fileURLToPath(location.replace(/^file:\/*/u, "file:///"));
  return existsSync(folder) && readdirSync(folder).includes("_metadata");
}
