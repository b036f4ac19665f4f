import type { z } from "zod";
import type { Effect, Sent } from "./effect.ts";
import type { ProcessGroup } from "./flink-cluster.ts";
import type { JobState } from "./flink-jobs.ts";
import type { FlinkReads } from "./flink-reads.ts";
import type { Intent } from "./intent.ts";
import type { Json } from "./json.ts";
import type { Child, JobCacheView, Knowledge, RequestsView, RestorableView } from "./knowledge.ts";
import type { Meaning, Move, Refusal, Report, Table } from "./report.ts";
import type { ChangeTarget, ClusterTarget, Find, Hold, JobTarget, OperationClass, Target } from "./target.ts";
import type { Text } from "./text.ts";

export type Observation<P extends string> =
  /** `table`: where one line does not say it. */
  | { kind: "pending"; note: Text; progress?: readonly [done: number, of: number]; table?: Table }
  /** Forward, compensation, loop: the same thing. `milestone` is worth a reply of its own in a long operation. */
  | { kind: "next"; phase: P; result: Json; milestone?: Text }
  | { kind: "end"; report: Report };

export interface Context<A, T extends Target = JobTarget> {
  args: A;
  target: T;
  /** Slack user id of who asked. */
  actor: string;
  requestId: string;
  /** ms since the epoch, by Redis's clock. */
  now: number;
  flink: FlinkReads;
  known: Knowledge;
}

export interface PhaseContext<A, T extends Target = JobTarget> extends Context<A, T> {
  intent: Intent;
  /** Left by the phases already passed. */
  results: { readonly [phase: string]: Json };
  /** hash(request, phase, visit), 32 hex: Flink's triggerId. */
  effectId: string;
  sent: Sent;
  /** What this visit of the phase changes; null: nothing, or not decided yet. */
  effect: Effect | null;
  /** The JobManagers that were there when the last effect of this request was saved; null: they keep that to themselves. */
  processes: ProcessGroup;
  /** When this phase was entered; where it has sent something, when that was sent, ms. */
  enteredAt: number;
  /** Past the phase's deadline. Counts only where Flink cannot tell. */
  late: boolean;
  /** The requests that this one has started, in the order of their start. */
  children: readonly Child[];
}

export interface Phase<A, P extends string, T extends ChangeTarget = JobTarget> {
  deadlineMs: number;
  /**
   * How long it may stay pending, whether or not Flink can be read meanwhile: the engine looks at the clock itself. `decide`
   * does so without reading. Once the effect was sent it counts in place of the deadline.
   */
  limit?: { ms(c: PhaseContext<A, T>): number; decide(c: PhaseContext<A, T>): Observation<P> };
  /** DATA: what to change. Null: this phase only observes. */
  effect?(c: PhaseContext<A, T>): Promise<Effect | null>;
  observe(c: PhaseContext<A, T>): Promise<Observation<P>>;
}

/** The moment of the follow-up: five minutes after a good end. */
export interface SecondContext<A, T extends ChangeTarget = JobTarget> extends Context<A, T> {
  intent: Intent;
  report: Report;
}

interface OperationBase<A> {
  /** The word people type; persisted. */
  name: string;
  summary: string;
  /** Copyable, without the leading `/flink`. A test parses each. */
  examples: readonly string[];
  /** Flat scalars or string arrays; parse(parse(x)) = parse(x). Becomes help, usage, docs. */
  args: z.ZodType<A> & { shape: Readonly<Record<string, z.ZodType>> };
  /** In the order of the words; a list comes last and takes all that are left. */
  positionals: readonly (keyof A & string)[];
  class: OperationClass;
  find(args: A): Find;
  /** Some arguments make it another operation, before anything is decided; null: they do not. */
  becomes?(args: A): Meaning | null;
}

/** What the bot knows without Flink: Redis only. */
export interface LocalContext<A> {
  args: A;
  target: Target;
  actor: string;
  channel: string;
  now: number;
  jobCache: JobCacheView;
  requests: RequestsView;
  restorable: RestorableView;
  operations: readonly Operation[];
  /** Whether this person may use a operation at all. */
  may(operation: Operation): boolean;
  /** The command as it is installed, `/flink`. */
  command: string;
}

export interface Local<A> extends OperationBase<A> {
  kind: "local";
  /** Nobody but who asked has a use for the answer, so it cannot be posted. */
  personal?: boolean;
  answer(c: LocalContext<A>): Promise<Report | Refusal | Move>;
}

/** Looks at Flink: at one job, or at one cluster. */
export interface Read<A, T extends JobTarget | ClusterTarget = JobTarget> extends OperationBase<A> {
  kind: "read";
  find(args: A): Extract<Find, { find: T["kind"] }>;
  read(c: Context<A, T>): Promise<Report | Refusal>;
}

export interface Change<A, P extends string = string, T extends ChangeTarget = JobTarget>
  extends OperationBase<A> {
  kind: "change";
  find(args: A): Extract<Find, { find: T["kind"] }>;
  /** States of the job that it acts on; `any` also where it acts on none. */
  allowedIn: readonly JobState[] | "any";
  /** Only reached by words of this operation, under whose name it is shown and decided. */
  under?: string;
  /** Held from start to end; without it the job that it acts on. */
  holds?(c: Context<A, T>): readonly Hold[] | Promise<readonly Hold[]>;
  /** Fit for clusters that the Kubernetes operator manages: it leaves alone what the operator's resource describes. */
  fitForManaged?: boolean;
  /**
   * A brake: does not wait behind another request on the same job, but supersedes it, and follows the job to whatever
   * such a request has put or is putting in its place.
   */
  preempts?(args: A): boolean;
  /** Decided again just before it starts: what has to be waited for, in words, or why it must not start; null: nothing. */
  waitsFor?(c: Context<A, T>): Promise<{ wait: Text } | Refusal | null>;
  /** Ends its job: once approved, no other request to Flink stands in its way. */
  ends?: true;
  /** Live pre-checks, words, binds; run again at the start. */
  open(c: Context<A, T>): Promise<Intent | Refusal>;
  first: P;
  phases: { readonly [K in P]: Phase<A, P, T> };
  /** After a good end: one more line on the card; a reply only where it got worse. */
  second?(c: SecondContext<A, T>): Promise<{ line: Text; worse: boolean }>;
}

/** Other words for a operation. */
export interface Alias<A> extends OperationBase<A> {
  kind: "alias";
  becomes(args: A): Meaning;
}

/** Whether people type it by its own name. */
export const isTyped = (operation: Operation): boolean =>
  operation.kind !== "change" || operation.under === undefined;

/** Erased once, for the registry: methods are bivariant, so every operation fits. */
// oxlint-disable-next-line typescript/no-explicit-any -- the one place where argument types are forgotten
type Erased = any;
export type Operation = Local<Erased> | Read<Erased, Erased> | Change<Erased, Erased, Erased> | Alias<Erased>;

type ArgsSchema<A> = z.ZodType<A> & { shape: Readonly<Record<string, z.ZodType>> };
/** These return their argument; they exist so that a forgotten class or a wrong positional does not compile. */
export const defineLocal = <A>(operation: Local<A> & { args: ArgsSchema<A> }): Local<A> => operation;
export const defineRead = <A>(operation: Read<A> & { args: ArgsSchema<A> }): Read<A> => operation;
export const defineClusterRead = <A>(
  operation: Read<A, ClusterTarget> & { args: ArgsSchema<A> },
): Read<A, ClusterTarget> => operation;
export const defineChange = <A, P extends string>(
  operation: Change<A, P> & { args: ArgsSchema<A> },
): Change<A, P> => operation;
export const defineAlias = <A>(operation: Alias<A> & { args: ArgsSchema<A> }): Alias<A> => operation;
export const defineChangeOf =
  <T extends ChangeTarget>() =>
  <A, P extends string>(operation: Change<A, P, T> & { args: ArgsSchema<A> }): Change<A, P, T> =>
    operation;
