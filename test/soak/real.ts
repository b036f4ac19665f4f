import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type RealFlink, startFlink, until } from "../../playground/flink/launcher.ts";
import type { RequestRecord } from "../../src/requests/record/record.ts";

/** The cluster's name in the configuration. */
export const REAL = "real";
const VERSION = "2.3.0";
const NAMES = ["orders", "payments", "clicks"] as const;
/** What a job may be scaled to. */
export const WIDEST = 3;

/** What a real Flink can tell of what was done to it. */
export interface OnReal {
  jobs: readonly { jobId: string; name: string; state: string; parallelism: number }[];
  /** The complete savepoints on disk, `file:///...`, by the request that they were written for. */
  savepoints: Readonly<Record<string, readonly string[]>>;
}

/** A real Flink among the load. */
export interface RealCluster {
  flink: RealFlink;
  /** Of its jobs. Nobody stops or cancels them. */
  names: readonly string[];
  /** What is there now, when every job runs again or has had time enough to. */
  look(): Promise<OnReal>;
  stop(): Promise<void>;
}

/** Starts it with its jobs. The first time, it is downloaded. */
export async function startReal(): Promise<RealCluster> {
  const flink = await startFlink({ version: VERSION, slots: NAMES.length * WIDEST });
  try {
    for (const name of NAMES) await flink.submit({ name, rate: 20, keys: 100 });
  } catch (error) {
    await flink.stop();
    throw error;
  }
  return {
    flink,
    names: NAMES,
    async look() {
      // a job that was scaled last is on its way
      let jobs = await jobsOn(flink);
      await until("the jobs run", async () => {
        jobs = await jobsOn(flink);
        return jobs.every(({ state }) => state === "RUNNING");
      }).catch(() => undefined);
      return { jobs, savepoints: await savepointsUnder(flink.savepointsDir) };
    },
    stop: async () => await flink.stop(),
  };
}

async function jobsOn(flink: RealFlink): Promise<OnReal["jobs"]> {
  const { jobs } = (await flink.get("/jobs/overview")) as {
    jobs: { jid: string; name: string; state: string }[];
  };
  return await Promise.all(
    jobs.map(async ({ jid, name, state }) => {
      const { vertices } = (await flink.get(`/jobs/${jid}`)) as { vertices: { parallelism: number }[] };
      return { jobId: jid, name, state, parallelism: Math.max(...vertices.map((v) => v.parallelism)) };
    }),
  );
}

/** Each request has a directory of its own, and Flink writes `savepoint-...` into it. */
async function savepointsUnder(root: string): Promise<OnReal["savepoints"]> {
  const files = await readdir(fileURLToPath(root), { recursive: true });
  const found: Record<string, string[]> = {};
  for (const file of files) {
    const folders = file.split("/");
    const request = folders.find((folder) => /^r[0-9a-f]{31}$/u.test(folder));
    if (folders.at(-1) !== "_metadata" || request === undefined) continue;
    found[request] = [...(found[request] ?? []), `${root}/${folders.slice(0, -1).join("/")}`];
  }
  return found;
}

/** Each promise that is broken on the real Flink, in words. */
export function brokenOnReal(
  records: readonly RequestRecord[],
  { jobs, savepoints }: OnReal,
): readonly string[] {
  const own = records.filter(({ target }) => target.cluster === REAL);
  return [
    ...NAMES.flatMap((name) => {
      const alive = jobs.filter((job) => job.name === name && job.state === "RUNNING");
      return alive.length === 1 ? [] : [`job ${name} of the real Flink runs ${alive.length} times`];
    }),
    ...own.flatMap((record) => untrue(record, savepoints[record.id] ?? [])),
    ...jobs.flatMap((job) => notScaled(job, own)),
  ];
}

/** A savepoint is on disk where its request is done, and nowhere twice. */
function untrue({ id, operation, end }: RequestRecord, written: readonly string[]): string[] {
  if (written.length > 1) return [`request ${id} has written ${written.length} savepoints`];
  if (operation !== "savepoint" || end?.ending !== "ran" || end.report.outcome !== "done") return [];
  const location = end.report.facts?.["location"];
  if (typeof location === "string" && written.some((path) => pathOf(path) === pathOf(location))) return [];
  return [`request ${id} says that there is a savepoint at ${JSON.stringify(location)}, and there is none`];
}

/** `file:///a`, `file:/a` and `/a` are one place. */
const pathOf = (location: string): string => location.replace(/^file:\/*/u, "/");

/** Where the last request that reached Flink is done, its job is as wide as it asked. */
function notScaled(
  { jobId, name, parallelism }: OnReal["jobs"][number],
  own: readonly RequestRecord[],
): string[] {
  const last = own
    .filter(({ operation, run, target }) => {
      return operation === "scale" && run !== null && target.kind === "job" && target.jobId === jobId;
    })
    .toSorted((a, z) => (a.run?.startedAt ?? 0) - (z.run?.startedAt ?? 0))
    .at(-1);
  const wanted = last?.args["parallelism"];
  if (last?.end?.ending !== "ran" || last.end.report.outcome !== "done" || wanted === parallelism) return [];
  return [`request ${last.id} scaled ${name} to ${JSON.stringify(wanted)}, and it runs with ${parallelism}`];
}
