import type { Catalogue } from "./catalog.ts";
import type { z } from "zod";
import type { Effect, Sent } from "./effect.ts";
import type { ProcessGroup } from "./flink-cluster.ts";
import type { JobState } from "./flink-jobs.ts";
import type { AsyncOperation, FlinkReads } from "./flink-reads.ts";
import type { Intent } from "./intent.ts";
import type { Json } from "./json.ts";
import type {
  AuditHistory,
  Child,
  JobCacheView,
  Knowledge,
  RequestSummaries,
  RestorableView,
} from "./knowledge.ts";
import type { LocksView } from "./lock.ts";
import type { LockMove, Meaning, Refusal, Report, RightsQuestion, Table, Withdrawal } from "./report.ts";
import type { ChangeTarget, ClusterTarget, Find, Hold, JobTarget, OperationClass, Target } from "./target.ts";
import type { Text } from "./text.ts";

export type Observation<P extends string> =
  /**
   * `table`: details that one line has no room for. `until`: nothing but the end of this operation of Flink is waited
   * for, and it is in progress.
   */
  | {
      kind: "pending";
      note: Text;
      progress?: readonly [done: number, of: number];
      table?: Table;
      until?: AsyncOperation;
    }
  /**
   * Moves to another phase: forward, to compensate, or in a loop. `milestone`: worth a reply of its own in a long
   * operation. `unsent`: what the report has of it if the phase's effect is not sent, because another request took over
   * or someone locked the job.
   */
  | { kind: "next"; phase: P; result: Json; milestone?: Text; unsent?: Unsent }
  | { kind: "end"; report: Report };

/** What a report has of work that nobody continues. */
export type Unsent = Pick<Report, "lines" | "facts" | "offers">;

export interface Context<A, T extends Target = JobTarget> {
  args: A;
  target: T;
  /** Slack user id of the requester. */
  actor: string;
  requestId: string;
  /** ms since the epoch, by Redis's clock. */
  now: number;
  flink: FlinkReads;
  known: Knowledge;
  /** Set for the check before the start only: what was bound when it was asked for, and whether someone has approved it. */
  before?: { binds: Json; isApproved: boolean };
}

export interface PhaseContext<A, T extends Target = JobTarget> extends Context<A, T> {
  intent: Intent;
  /** Results of the phases that have already ended. */
  results: { readonly [phase: string]: Json };
  /** hash(request, phase, visit), 32 hex: Flink's triggerId. */
  effectId: string;
  sent: Sent;
  /** The change that this visit of the phase makes; null: none, or not decided yet. */
  effect: Effect | null;
  /**
   * The JobManagers that answered when the last effect of this request was saved; null: they do not reveal their ids.
   */
  processes: ProcessGroup;
  /** When this phase was entered, or, if it has sent something, when that was sent; ms. */
  enteredAt: number;
  /** Past the phase's deadline. It matters only if Flink cannot tell what happened. */
  late: boolean;
  /** The requests that this one has started, in the order of their start. */
  children: readonly Child[];
}

export interface Phase<A, P extends string, T extends ChangeTarget = JobTarget> {
  deadlineMs: number;
  /**
   * How long the phase may stay pending, even if Flink cannot be read meanwhile: the engine checks the time itself,
   * and `decide` reads nothing. Once the effect was sent, the limit replaces the deadline.
   */
  limit?: { ms(c: PhaseContext<A, T>): number; decide(c: PhaseContext<A, T>): Observation<P> };
  /** The change to make, as data. Null: this phase only observes. */
  effect?(c: PhaseContext<A, T>): Promise<Effect | null>;
  /**
   * Whether its effect is sent also where someone has locked the job meanwhile, because the change is half done. Absent:
   * it is not, and the request ends there.
   */
  finishes?(this: void, c: PhaseContext<A, T>): boolean;
  observe(c: PhaseContext<A, T>): Promise<Observation<P>>;
}

/** Whether a request may start now. `instead`: what to do where it may not. */
export type Readiness =
  | { is: "go" }
  | { is: "wait"; words: Text }
  | { is: "no"; why: Text; instead?: readonly Text[] };

/** Context of the follow-up, five minutes after a successful end. */
export interface FollowUpContext<A, T extends ChangeTarget = JobTarget> extends Context<A, T> {
  intent: Intent;
  report: Report;
}

interface OperationBase<A> {
  /** The word people type; persisted. */
  name: string;
  summary: string;
  /** Can be copied, without the leading `/flink`. A test parses each. */
  examples: readonly string[];
  /** Flat scalars or string arrays; parse(parse(x)) = parse(x). Help, usage and docs are generated from it. */
  args: z.ZodType<A> & { shape: Readonly<Record<string, z.ZodType>> };
  /** In the order of the typed words. A list comes last and takes all remaining words. */
  positionals: readonly (keyof A & string)[];
  class: OperationClass;
  find(args: A): Find;
  /** The other operation that some arguments select, before anything is decided; null: none. */
  becomes?(args: A): Meaning | null;
}

/** Context without Flink: everything here comes from Redis only. */
export interface LocalContext<A> {
  args: A;
  target: Target;
  actor: string;
  channel: string;
  now: number;
  catalogue: Catalogue;
  jobCache: JobCacheView;
  requests: RequestSummaries;
  history: AuditHistory;
  restorable: RestorableView;
  locks: LocksView;
  operations: readonly Operation[];
  /** Whether this person may use an operation at all. */
  may(operation: Operation): boolean;
  /** Names of the policy's sets that this person is in. */
  sets: readonly string[];
  /** Names of the sets that may approve something. */
  approving: readonly string[];
  /** Other accounts of the same person, as the policy says. */
  otherAccounts: readonly string[];
  /** Identifies the policy. */
  policy: string;
  /** How a command begins where the answer is shown: `/flink`, or a mention of the bot in a thread. */
  command: string;
}

export interface Local<A> extends OperationBase<A> {
  kind: "local";
  /** The answer is useful only to the requester, so it cannot be posted. */
  personal?: boolean;
  /** The rest of the line is another command; it is the first argument, as typed. */
  takesCommand?: true;
  answer(c: LocalContext<A>): Promise<Report | Refusal | Withdrawal | LockMove | RightsQuestion>;
}

/** Reads Flink: one job, or one cluster. */
export interface Read<A, T extends JobTarget | ClusterTarget = JobTarget> extends OperationBase<A> {
  kind: "read";
  find(args: A): Extract<Find, { find: T["kind"] }>;
  /** A command that is only a job's name runs this operation on the job. */
  forBareName?: true;
  read(c: Context<A, T>): Promise<Report | Refusal>;
}

export interface Change<A, P extends string = string, T extends ChangeTarget = JobTarget>
  extends OperationBase<A> {
  kind: "change";
  find(args: A): Extract<Find, { find: T["kind"] }>;
  /** Job states in which it is allowed; `any` also if it acts on no job. */
  allowedIn: readonly JobState[] | "any";
  /**
   * Not typed by its own name: reached only through arguments of this operation, under whose name it is shown and
   * decided.
   */
  under?: string;
  /** What is added to its arguments where it is typed as `under`. Absent: other arguments cannot be suggested. */
  typedWith?: { readonly [key: string]: Json };
  /** Locks held from start to end; without it, the job that it acts on. */
  holds?(c: Context<A, T>): readonly Hold[] | Promise<readonly Hold[]>;
  /**
   * Allowed on clusters that the Kubernetes operator manages, because it does not change anything the operator's
   * resource describes.
   */
  fitForManaged?: boolean;
  /**
   * It starts a job from state that the requester names, or deletes state: never without another person's approval, not
   * even in an emergency.
   */
  neverBreakGlass?: true;
  /**
   * Emergency brake: it does not wait behind another request on the same job, but supersedes it. It also acts on
   * every job that such a request has started, or is starting, in the job's place.
   */
  preempts?(args: A): boolean;
  /** Checked again just before the start: whether the request may start now, has to wait, or must not start. */
  waitsFor?(c: Context<A, T>): Promise<Readiness>;
  /** Ends its job. Once approved, it is not held up by other requests to Flink. */
  ends?: true;
  /** Checks the live state and writes the plan: words and binds. Runs again at the start. */
  open(c: Context<A, T>): Promise<Intent | Refusal>;
  first: P;
  phases: { readonly [K in P]: Phase<A, P, T> };
  /** The follow-up after a successful end. It adds a line to the card, and posts a reply only if things got worse. */
  followUp?(c: FollowUpContext<A, T>): Promise<{ line: Text; worse: boolean }>;
}

/** Another name for an operation with certain arguments. */
export interface Alias<A> extends OperationBase<A> {
  kind: "alias";
  /** The operation that it stands for, under whose name it is decided. */
  under: string;
  becomes(args: A): Meaning;
}

/** Whether people type it by its own name. */
export const isTyped = (operation: Operation): boolean =>
  operation.kind !== "change" || operation.under === undefined;

/** The name under which an operation is decided and shown. */
export const shownName = (operation: Operation): string =>
  ("under" in operation ? operation.under : undefined) ?? operation.name;

/** Whether break-glass can ever be used for it. */
export const isFitForBreakGlass = (operation: Operation): boolean =>
  operation.kind === "change" && operation.class !== "view" && operation.neverBreakGlass !== true;

/** Argument types are erased once, for the registry. Methods are bivariant, so every operation fits. */
// oxlint-disable-next-line typescript/no-explicit-any -- the one place where argument types are forgotten
type Erased = any;
export type Operation = Local<Erased> | Read<Erased, Erased> | Change<Erased, Erased, Erased> | Alias<Erased>;

type ArgsSchema<A> = z.ZodType<A> & { shape: Readonly<Record<string, z.ZodType>> };
/** These return their argument unchanged. With them, a missing class or a wrong positional does not compile. */
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
