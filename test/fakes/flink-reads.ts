import { FlinkUnreachable } from "../../src/model/errors.ts";
import {
  type Absent,
  type Checkpoint,
  type CheckpointConfig,
  type Checkpoints,
  isTerminal,
  type JobDetail,
  type JobException,
  type JobState,
  type JobSummary,
  type NotYet,
  type Off,
  type Sighting,
  type TriggerStatus,
  type Vertex,
  type Aggregate,
  type CheckpointTrigger,
  type Edge,
  type Requirements,
} from "../../src/model/flink-jobs.ts";
import type {
  Capabilities,
  ProcessGroup,
  Disposal,
  Jar,
  Link,
  TaskManager,
} from "../../src/model/flink-cluster.ts";
import type { Log, LogOwner } from "../../src/model/flink-log.ts";
import type { JobGraph, Planned, Program, StateSizes } from "../../src/model/planned-job.ts";
import type { AsyncOperation, FlinkFacts, FlinkReads } from "../../src/model/flink-reads.ts";

export const JOB_ID = "3f9c0000000000000000000000000001";
export const T0 = 1_800_000_000_000;

export const aVertex = (over: Partial<Vertex> = {}): Vertex => ({
  id: "aaaa0000000000000000000000000001",
  name: "Source",
  parallelism: 1,
  maxParallelism: 128,
  state: "RUNNING",
  slotGroup: null,
  tasksRunning: 1,
  tasksFinished: 0,
  tasksTotal: 1,
  ...over,
});

export const aJob = (over: Partial<JobDetail> = {}): JobDetail => ({
  jobId: JOB_ID,
  name: "orders",
  state: "RUNNING",
  startedAt: T0 - 3_600_000,
  endedAt: null,
  now: T0,
  stateSince: T0 - 3_600_000,
  scheduler: "Adaptive",
  jobType: "STREAMING",
  pendingOperators: 0,
  vertices: [aVertex(), aVertex({ id: "bbbb0000000000000000000000000002", name: "Window" })],
  ...over,
});

export const anException = (over: Partial<JobException> = {}): JobException => ({
  name: "RuntimeException",
  cause: "IllegalStateException",
  message: "boom",
  at: T0 - 5_000,
  task: "Map (1/4) - execution #0",
  host: "host:4000",
  taskManager: "tm-1:4000-ab",
  stack:
    "java.lang.RuntimeException: x\n    at a.B.c(B.java:1)\nCaused by: java.lang.IllegalStateException: boom",
  ...over,
});

export const aCheckpoint = (over: Partial<Checkpoint> = {}): Checkpoint => ({
  id: 7,
  kind: "completed",
  isSavepoint: false,
  triggeredAt: T0 - 41_000,
  endToEndMs: 350,
  sizeBytes: 18_200_000_000,
  acknowledged: 2,
  subtasks: 2,
  path: "file:/checkpoints/chk-7",
  failure: null,
  discarded: false,
  format: null,
  type: "CHECKPOINT",
  ...over,
});

export const checkpointsOf = (...history: readonly Checkpoint[]): Checkpoints => ({
  completed: history.filter((c) => c.kind === "completed").length,
  failed: history.filter((c) => c.kind === "failed").length,
  inProgress: history.filter((c) => c.kind === "in_progress").length,
  latestCompleted: history.find((c) => c.kind === "completed" && !c.isSavepoint) ?? null,
  latestSavepoint: history.find((c) => c.kind === "completed" && c.isSavepoint) ?? null,
  latestFailed: history.find((c) => c.kind === "failed") ?? null,
  latestRestored: null,
  history,
});

/** `orders`, as Flink lists it. */
export const aSummary = (over: Partial<JobSummary> = {}): JobSummary => ({
  jobId: JOB_ID,
  name: "orders",
  state: "RUNNING",
  startedAt: T0,
  endedAt: null,
  lastModifiedAt: T0,
  tasks: { total: 1, running: 1, finished: 0, failed: 0 },
  scheduler: null,
  jobType: null,
  ...over,
});

const summaryOf = (job: JobDetail): JobSummary => {
  const total = job.vertices.reduce((n, v) => n + v.tasksTotal, 0);
  const running = job.vertices.reduce((n, v) => n + v.tasksRunning, 0);
  const finished = job.vertices.reduce((n, v) => n + v.tasksFinished, 0);
  return {
    jobId: job.jobId,
    name: job.name,
    state: job.state,
    startedAt: job.startedAt,
    endedAt: job.endedAt,
    lastModifiedAt: job.stateSince ?? job.startedAt,
    ageMs: job.now - job.startedAt,
    tasks: { total, running, finished, failed: 0 },
    scheduler: job.scheduler,
    jobType: job.jobType,
  };
};

/** A program with these vertices; `name` is the job's. */
export const plannedAs = (
  vertices: readonly Pick<Vertex, "id" | "name" | "parallelism">[],
  parallelism: number | null = null,
  name = "orders",
): Planned => ({
  is: "planned",
  graph: {
    name,
    vertices: vertices.map((v) => ({
      id: v.id,
      operators: v.name.split(" -> "),
      parallelism: parallelism ?? v.parallelism,
    })),
    edges: [],
  },
});

/** One cluster with at most one job, as plain fields: a test sets them and looks again. */
export class FakeFlinkReads implements FlinkReads {
  readonly cluster: string = "prod";
  requireRehearsal: number | null = null;
  savepointRoots: readonly string[] = ["s3://bucket/savepoints"];
  theJob: JobDetail | null = aJob();
  /** Listed next to it. */
  others: readonly JobDetail[] = [];
  theCheckpoints: Checkpoints | null = checkpointsOf(aCheckpoint());
  config: CheckpointConfig | null = {
    intervalMs: 60_000,
    timeoutMs: 600_000,
    retainedOnCancel: true,
    retainedOnFailure: true,
  };
  theExceptions: readonly JobException[] = [];
  metrics: Readonly<Record<string, string>> = { numRestarts: "0" };
  theRequirements: { is: "ok"; vertices: Requirements } | { is: "unsupported"; reason: string } | null = null;
  triggers = new Map<string, TriggerStatus>();
  theCapabilities: Capabilities = {
    version: "2.3.0",
    rescale: true,
    cancel: true,
    submit: true,
    application: false,
    elastic: false,
    slotsTotal: 4,
    slotsFree: 3,
    taskManagers: 1,
    scheduler: "adaptive",
    operatorManaged: null,
    savepointDirectory: "s3://bucket/savepoints",
    defaultFileSystem: null,
    entropyKey: null,
    triggerMemoryMs: 300_000,
  };
  /** By vertex id, then metric. */
  vertexLoads: Readonly<Record<string, Readonly<Record<string, Aggregate>>>> = {};
  theEdges: readonly Edge[] = [
    { from: "aaaa0000000000000000000000000001", to: "bbbb0000000000000000000000000002", ship: "HASH" },
  ];
  theJars: readonly Jar[] | null = [];
  theTaskManagers: readonly TaskManager[] = [
    { id: "tm-1:4000-ab", host: "tm-1", slots: 4, freeSlots: 3, heartbeatAt: T0 - 1000, cpuCores: 2 },
  ];
  /** By task manager. */
  theTaskManagerMetrics: Readonly<Record<string, Readonly<Record<string, string>>>> = {};
  checkpointTriggers = new Map<string, CheckpointTrigger>();
  disposals = new Map<string, Disposal>();
  /** Why the job failed. */
  theFailure: string | null = null;
  /** By task manager, or `jobmanager`; what is not there writes none. */
  theLogs: Readonly<Record<string, Log>> = {};
  theLinks: readonly Link[] = [];
  /** For how long, ms, and how often the job has not been listed, or nobody has answered. */
  missingMs = 0;
  missingAnswers = 1;
  /** Of the other jobs, by id. */
  readonly sightings = new Map<string, Sighting>();
  /** The JobManagers that answer. */
  group: ProcessGroup = ["jm-1"];
  /** Set: every read throws it. */
  down: Error | null = null;
  /** Another one, for what is late or refused only there. */
  decoration: FlinkFacts = this;

  overview(): Promise<readonly JobSummary[]> {
    const all = this.theJob === null ? this.others : [this.theJob, ...this.others];
    return this.answer(all.map(summaryOf));
  }
  job(jobId: string): Promise<JobDetail | Absent> {
    return this.answer(this.theJob?.jobId === jobId ? this.theJob : "absent");
  }
  async sighting(jobId: string): Promise<Sighting> {
    const other = this.sightings.get(jobId);
    if (other !== undefined) return other;
    if (this.down instanceof FlinkUnreachable)
      return { is: "unanswered", forMs: this.missingMs, refused: this.down.refused };
    const found = await this.answer(this.theJob?.jobId === jobId ? this.theJob : null);
    if (found === null)
      return { is: "absent", forMs: this.missingMs, answers: this.missingAnswers, by: this.group };
    const { state } = found;
    return isTerminal(state) ? { is: "ended", state } : { is: "alive", state };
  }
  /** How jobs ended, by id. */
  readonly endings = new Map<string, JobState>();
  ending(jobId: string): JobState | null {
    return this.endings.get(jobId) ?? null;
  }
  processes(): Promise<ProcessGroup> {
    return this.answer(this.group);
  }
  checkpoints(_jobId?: string): Promise<Checkpoints | Off | Absent | NotYet> {
    if (this.theJob?.state === "INITIALIZING") return this.answer("not yet");
    return this.answer(this.theCheckpoints ?? "off");
  }
  checkpointConfig(): Promise<CheckpointConfig | Off> {
    return this.answer(this.config ?? "off");
  }
  exceptions(_jobId: string, most: number): Promise<readonly JobException[]> {
    return this.answer(this.theExceptions.slice(0, most));
  }
  jobMetrics(): Promise<Readonly<Record<string, string>>> {
    return this.answer(this.metrics);
  }
  requirements(): Promise<{ is: "ok"; vertices: Requirements } | { is: "unsupported"; reason: string }> {
    const vertices = (this.theJob?.vertices ?? []).map((v): [string, Requirements[string]] => [
      v.id,
      { lowerBound: 1, upperBound: v.parallelism },
    ]);
    return this.answer(this.theRequirements ?? { is: "ok", vertices: Object.fromEntries(vertices) });
  }
  trigger(_jobId: string, triggerId: string): Promise<TriggerStatus> {
    return this.answer(this.triggers.get(triggerId) ?? { is: "forgotten" });
  }
  metricNames(): Promise<readonly string[]> {
    return this.answer(Object.keys(this.metrics));
  }
  vertexMetricNames(_jobId: string, vertexId: string): Promise<readonly string[]> {
    return this.answer(Object.keys(this.vertexLoads[vertexId] ?? {}));
  }
  vertexMetrics(
    _jobId: string,
    vertexId: string,
    names: readonly string[],
  ): Promise<Readonly<Record<string, Aggregate>>> {
    const known = Object.entries(this.vertexLoads[vertexId] ?? {});
    return this.answer(Object.fromEntries(known.filter(([name]) => names.includes(name))));
  }
  async vertexMetricsOf(
    jobId: string,
    vertexIds: readonly string[],
    names: readonly string[],
  ): Promise<ReadonlyMap<string, Readonly<Record<string, Aggregate>>>> {
    const all = vertexIds.map(async (id) => [id, await this.vertexMetrics(jobId, id, names)] as const);
    return new Map(await Promise.all(all));
  }
  edges(_jobId: string): Promise<readonly Edge[]> {
    return this.answer(this.theEdges);
  }
  /** The programs that it was asked to plan. */
  readonly planned: Program[] = [];
  planOf(program: Program): Promise<Planned> {
    this.planned.push(program);
    return this.answer(this.thePlan(program));
  }
  /** The graph of the job, unless a test says otherwise. */
  thePlan: (program: Program) => Planned = ({ parallelism }) =>
    plannedAs((this.theJob ?? aJob()).vertices, parallelism);
  graphOf(): Promise<JobGraph | null> {
    const planned = plannedAs((this.theJob ?? aJob()).vertices);
    return this.answer(this.theJob !== null && planned.is === "planned" ? planned.graph : null);
  }
  stateSizes(): Promise<StateSizes | null> {
    return this.answer(this.theSizes);
  }
  theSizes: StateSizes | null = new Map([
    ["aaaa0000000000000000000000000001", 265],
    ["bbbb0000000000000000000000000002", 18_000_000],
  ]);
  jars(): Promise<readonly Jar[] | null> {
    return this.answer(this.theJars);
  }
  taskManagers(): Promise<readonly TaskManager[]> {
    return this.answer(this.theTaskManagers);
  }
  taskManagerMetrics(id: string): Promise<Readonly<Record<string, string>>> {
    return this.answer(this.theTaskManagerMetrics[id] ?? {});
  }
  async isInProgress(operation: AsyncOperation): Promise<boolean> {
    const { kind, triggerId } = operation;
    const all = { savepoint: this.triggers, checkpoint: this.checkpointTriggers, disposal: this.disposals };
    return (await this.answer(all[kind].get(triggerId)))?.is === "in_progress";
  }
  checkpointTrigger(_jobId: string, triggerId: string): Promise<CheckpointTrigger> {
    return this.answer(this.checkpointTriggers.get(triggerId) ?? { is: "forgotten" });
  }
  disposal(id: string): Promise<Disposal> {
    return this.answer(this.disposals.get(id) ?? { is: "forgotten" });
  }
  log(owner: LogOwner): Promise<Log> {
    return this.answer(this.theLogs[owner.of === "jobmanager" ? owner.of : owner.id] ?? { is: "none" });
  }
  failure(): Promise<string | null> {
    return this.answer(this.theFailure);
  }
  links(): readonly Link[] {
    return this.theLinks;
  }
  managed(): Promise<string | null> {
    return this.answer(this.theCapabilities.operatorManaged);
  }
  savepointDirectory(): Promise<string | null> {
    return this.answer(this.theCapabilities.savepointDirectory);
  }
  capabilities(): Promise<Capabilities> {
    return this.answer(this.theCapabilities);
  }
  uiUrl(jobId: string): string | null {
    return `http://flink.example/#/job/${jobId}`;
  }

  private answer<T>(value: T): Promise<T> {
    return this.down === null ? Promise.resolve(value) : Promise.reject(this.down);
  }
}
