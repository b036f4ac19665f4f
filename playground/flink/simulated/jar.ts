import { randomUUID } from "node:crypto";
import { type JobOptions, TWO_VERTICES, vertexIdOf, withState } from "./job.ts";

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
  /** False: its program has every operator of older state, and another type for the largest, so that it cannot be read. */
  readsState?: boolean;
  /** What its program calls its job, whatever the arguments; null: as `--name` says. */
  jobName?: string | null;
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

/** One that does not know older state has given the operator with the most of it another uid. */
function programOf(jar: SimulatedJar): NonNullable<JobOptions["vertices"]> {
  const vertices = withState(jar.jobs.vertices ?? []);
  const most = Math.max(...vertices.map((v) => v.stateBytes));
  return vertices.map((v) =>
    !jar.fits && most > 0 && v.stateBytes === most ? { ...v, uid: `${v.uid ?? v.name} of ${jar.name}` } : v,
  );
}

/** The vertices of a job from this jar. `parallelism` null: the program's own. */
export const programVertices = (jar: SimulatedJar, parallelism: number | null) =>
  programOf(jar).map((v) => ({
    ...v,
    id: vertexIdOf(v),
    parallelism: parallelism ?? v.parallelism ?? 1,
  }));

export const createJar = (o: JarOptions, now: number): SimulatedJar => ({
  id: `${randomUUID()}_${o.name}`,
  uploaded: now,
  entry: [{ name: "PlaygroundJob" }],
  mainThrows: null,
  fits: true,
  readsState: true,
  jobName: null,
  ...o,
  jobs: { vertices: TWO_VERTICES, ...o.jobs },
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
    // of two that came within a millisecond, the later one
    .toReversed()
    .toSorted((a, z) => z.uploaded - a.uploaded)
    .map(({ id, name, uploaded, entry }) => ({
      id,
      name,
      uploaded,
      entry: entry.map((e) => ({ name: e.name, description: null })),
    }));
