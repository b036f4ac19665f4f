import type { z } from "zod";
import type { FlinkReads, JobState, ProcessGroup } from "../flink/reads.ts";
import type { Effect, Sent } from "./effect.ts";
import type { Picture } from "./picture.ts";
import type { Text } from "./text.ts";
import type { Child, DirectoryView, Knowledge, RequestsView, RestorableView } from "./views.ts";

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** What policy decides on. */
export type OperationClass = "view" | "operate" | "destructive";

/** What a command acts on, as typed. */
export type Find =
  | { find: "none" }
  /** All clusters when null. */
  | { find: "cluster"; cluster: string | null }
  /** A name, an id, an id prefix of 6 or more characters, or `cluster/job`. */
  | { find: "job"; job: string }
  /** A job by its name alone, or `cluster/name`; it need not be there. */
  | { find: "name"; name: string }
  /** Where some state lies. */
  | { find: "path"; path: string }
  | { find: "request"; request: string };

/** What it acts on, resolved once; after that nothing is looked up by name again. */
export type Target =
  | { kind: "none" }
  | { kind: "cluster"; cluster: string }
  | { kind: "job"; cluster: string; jobId: string; name: string }
  | { kind: "name"; cluster: string; name: string }
  | { kind: "path"; cluster: string; path: string }
  | { kind: "request"; requestId: string };
export type JobTarget = Extract<Target, { kind: "job" }>;
export type ClusterTarget = Extract<Target, { kind: "cluster" }>;
export type NameTarget = Extract<Target, { kind: "name" }>;
export type PathTarget = Extract<Target, { kind: "path" }>;
/** What a change can act on. */
export type ChangeTarget = JobTarget | ClusterTarget | NameTarget | PathTarget;

/** What the approver sees and what is bound. */
export interface Intent {
  /** "Scale orders to 8": verb and object. */
  headline: Text;
  /** What it costs: what is lost, or happens again. */
  losses: readonly Text[];
  warnings: readonly Text[];
  /** Neutral facts worth reading before agreeing: from -> to, last checkpoint's age. */
  details: readonly Text[];
  /** Compared again (deep equality) before the start; if it moved, the request is void. Facts that move by themselves stay out. */
  binds: Json;
  /** For later phases: the way back, frozen lists, directories. */
  facts: { readonly [key: string]: Json };
  /** What may be wanted instead: cancel offers stop. */
  offers?: readonly Offer[];
  /** Where what was asked turns out to be more than its row says, by its arguments and what is there. */
  class?: OperationClass;
}

/** A button that starts another request; whoever presses it is its requester. */
export interface Offer {
  label: string;
  operation: string;
  args: { readonly [key: string]: Json };
  danger?: boolean;
}

export interface Table {
  head: readonly string[];
  rows: readonly (readonly Text[])[];
}

/** A text that is too long for a message. Slack shows no file to one person, so what holds one is for all. */
export interface TextFile {
  /** "stacks.txt": nothing foreign in it. */
  name: string;
  title: string;
  text: string;
}

/** An outcome in words and facts. */
export interface Report {
  outcome: "done" | "partly" | "failed" | "unknown";
  headline: Text;
  lines: readonly Text[];
  table?: Table;
  facts?: { readonly [key: string]: Json };
  offers?: readonly Offer[];
  /** Shown below the words where the answer is for all; says nothing that they do not say. */
  picture?: Picture;
  /** Shown below the words; where that cannot be, words say why. */
  file?: TextFile;
}

/** A no before anything changed, with what to do instead. */
export interface Refusal {
  refuse: Text;
  instead?: readonly Text[];
  offers?: readonly Offer[];
}

export const isRefusal = (x: object): x is Refusal => "refuse" in x;

/** What a person asked the engine to do with another request. */
export interface Move {
  move: "withdraw";
  requestId: string;
}

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

/** What nobody else may change meanwhile: a Flink job, whatever has this name, or some state. On the target's cluster. */
export type Hold = { job: string } | { name: string } | { path: string };

/** A row and its arguments, as data. */
export type Meaning = { operation: string; args: { readonly [key: string]: Json } };

interface RowBase<A> {
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
  /** Some arguments make it another row, before anything is decided; null: they do not. */
  becomes?(args: A): Meaning | null;
}

/** What the bot knows without Flink: Redis only. */
export interface LocalContext<A> {
  args: A;
  target: Target;
  actor: string;
  channel: string;
  now: number;
  directory: DirectoryView;
  requests: RequestsView;
  restorable: RestorableView;
  operations: readonly Row[];
  /** Whether this person may use a row at all. */
  may(row: Row): boolean;
  /** The command as it is installed, `/flink`. */
  command: string;
}

export interface Local<A> extends RowBase<A> {
  kind: "local";
  /** Nobody but who asked has a use for the answer, so it cannot be posted. */
  personal?: boolean;
  answer(c: LocalContext<A>): Promise<Report | Refusal | Move>;
}

/** Looks at Flink: at one job, or at one cluster. */
export interface Read<A, T extends JobTarget | ClusterTarget = JobTarget> extends RowBase<A> {
  kind: "read";
  find(args: A): Extract<Find, { find: T["kind"] }>;
  read(c: Context<A, T>): Promise<Report | Refusal>;
}

export interface Change<A, P extends string = string, T extends ChangeTarget = JobTarget> extends RowBase<A> {
  kind: "change";
  find(args: A): Extract<Find, { find: T["kind"] }>;
  /** States of the job that it acts on; `any` also where it acts on none. */
  allowedIn: readonly JobState[] | "any";
  /** Only reached by words of this row, under whose name it is shown and decided. */
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

/** Other words for a row. */
export interface Alias<A> extends RowBase<A> {
  kind: "alias";
  becomes(args: A): Meaning;
}

/** Whether people type it by its own name. */
export const isTyped = (row: Row): boolean => row.kind !== "change" || row.under === undefined;

/** Erased once, for the registry: methods are bivariant, so every row fits. */
// oxlint-disable-next-line typescript/no-explicit-any -- the one place where argument types are forgotten
type Erased = any;
export type Row = Local<Erased> | Read<Erased, Erased> | Change<Erased, Erased, Erased> | Alias<Erased>;

type ArgsSchema<A> = z.ZodType<A> & { shape: Readonly<Record<string, z.ZodType>> };
/** These return their argument; they exist so that a forgotten class or a wrong positional does not compile. */
export const defineLocal = <A>(row: Local<A> & { args: ArgsSchema<A> }): Local<A> => row;
export const defineRead = <A>(row: Read<A> & { args: ArgsSchema<A> }): Read<A> => row;
export const defineClusterRead = <A>(
  row: Read<A, ClusterTarget> & { args: ArgsSchema<A> },
): Read<A, ClusterTarget> => row;
export const defineChange = <A, P extends string>(
  row: Change<A, P> & { args: ArgsSchema<A> },
): Change<A, P> => row;
export const defineAlias = <A>(row: Alias<A> & { args: ArgsSchema<A> }): Alias<A> => row;
export const defineChangeOf =
  <T extends ChangeTarget>() =>
  <A, P extends string>(row: Change<A, P, T> & { args: ArgsSchema<A> }): Change<A, P, T> =>
    row;
