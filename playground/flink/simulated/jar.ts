import { randomUUID } from "node:crypto";
import type { JobOptions } from "./job.ts";

/** An uploaded jar, and what happens when it is started. Everything but its name has a default. */
export interface JarOptions {
  name: string;
  /** As Flink gives them: `<uuid>_<name>`. */
  id?: string;
  uploaded?: number;
  /** The classes it can be started with, first the one that its manifest names; any other is not found in it. */
  entry?: readonly { name: string }[];
  /** What its main() throws, so that there is no job. */
  mainThrows?: string | null;
  /** False: older state has an operator that its program has not. */
  fits?: boolean;
  /** How its jobs are. */
  jobs?: Pick<
    JobOptions,
    | "vertices"
    | "scheduler"
    | "checkpointing"
    | "retained"
    | "snapshotMs"
    | "failSnapshot"
    | "failStopping"
    | "fails"
    | "tasksAfterMs"
  >;
}

/** What the simulated JobManager knows of a jar. */
export type SimulatedJar = Required<JarOptions>;

/** The playground's own job, as a real Flink shows it. */
const PROGRAM: NonNullable<JobOptions["vertices"]> = [
  { name: "Source: events" },
  { name: "count" },
  { name: "sink: Writer" },
];

export const createJar = (o: JarOptions, now: number): SimulatedJar => ({
  id: `${randomUUID()}_${o.name}`,
  uploaded: now,
  entry: [{ name: "PlaygroundJob" }],
  mainThrows: null,
  fits: true,
  ...o,
  jobs: { vertices: PROGRAM, ...o.jobs },
});

/** `jobs` is changed key by key. */
export const changedJar = (jar: SimulatedJar, change: Partial<JarOptions>): SimulatedJar => ({
  ...jar,
  ...change,
  jobs: { ...jar.jobs, ...change.jobs },
});

/** `GET /jars`: newest first. */
export const listing = (jars: ReadonlyMap<string, SimulatedJar>): unknown =>
  [...jars.values()]
    .toSorted((a, z) => z.uploaded - a.uploaded)
    .map(({ id, name, uploaded, entry }) => ({
      id,
      name,
      uploaded,
      entry: entry.map((e) => ({ name: e.name, description: null })),
    }));
