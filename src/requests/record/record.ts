import type { Anchor, Effect, Sent } from "../../model/effect.ts";
import type { ChangeTarget, Find, OperationClass } from "../../model/target.ts";
import type { Intent } from "../../model/intent.ts";
import type { Json } from "../../model/json.ts";
import type { Report, Table } from "../../model/report.ts";
import { code, type Span, type Text } from "../../model/text.ts";
import type { Launched } from "../../model/knowledge.ts";

/** Where the request was made, and where the answer goes. */
export interface Place {
  channel: string;
  /** The thread of a mention or a click; null at the top level of a channel. */
  thread: string | null;
  door: "command" | "mention" | "button";
}

/** A Slack user by id, as delivered; the account is looked up live. */
export interface Actor {
  user: string;
  team: string;
}

/** What a dry run tells: the calls that a change would make, or only who decides it. */
export type DryRun = "calls" | "rights";

/**
 * What was asked, written once into the queue job. Its id derives from Slack's delivery id, so a redelivery is the
 * same request.
 */
export interface Intake {
  v: 1;
  requestId: string;
  operation: string;
  args: { readonly [key: string]: Json };
  cluster: string;
  /** The kind of target; `job` holds the target as typed: a job, a name, a path, or "" for a cluster. */
  find: Exclude<Find["find"], "none" | "request">;
  job: string;
  /** The job that the job cache resolved it to when it was asked; null: the worker asks Flink. */
  bound: { jobId: string; name: string } | null;
  actor: Actor;
  place: Place;
  reason: string | null;
  /** ms by Redis's clock. */
  askedAt: number;
  /** Only for reads: the answer is posted to the whole channel. */
  post?: boolean;
  /** Only for changes: nothing is stored or changed. `calls`: what it would send is shown; `rights`: who decides. */
  dryRun?: DryRun;
  /** Only for changes: it is to start at once, without approval, for the given reason. */
  breakGlass?: true;
  /** The request that started this one and shows it on its card; null: a person started it. */
  parent: string | null;
}

export interface Vote {
  actor: Actor;
  kind: "approve" | "deny";
  at: number;
  /** The digest of what the approver saw, from `digestOf` (record/binding.ts). */
  digest: string;
  /** Why it was denied, as typed. Absent where no reason was given. */
  reason?: string;
  /** Names of the sets of approvers that the person was in; absent in records of versions before 0.2. */
  in?: readonly string[];
}

/** People of some sets who must approve, with the sets' members as the policy listed them when it was asked. */
export interface RequiredApproval {
  /** Names of sets of the policy. */
  from: readonly string[];
  count: number;
  by: { groups: readonly string[]; users: readonly string[] };
}

/** What an approver suggested. The request does not change; whoever likes it makes a new one of `operation`, or of its own. */
export interface Suggestion {
  actor: Actor;
  at: number;
  operation?: string;
  args: { readonly [key: string]: Json };
  /** The same as people would type it, without the slash command. */
  command: string;
}

export interface Approval {
  /** How many distinct people must approve. */
  needed: number;
  /** Slack user group ids and user ids of the approvers, for the card's text and the one mention. */
  by: { groups: readonly string[]; users: readonly string[] };
  /**
   * Each list is what one rule asks for, and all of them are needed; within a list a person fills one slot. Absent in
   * records of versions before 0.2: `needed` people of the set `approve`.
   */
  requirements?: readonly (readonly RequiredApproval[])[];
  /** The channel where the approvers are asked, which has a copy of the card. Absent: where the request was made. */
  copyIn?: string;
  /** When the approvers are reminded, ms by Redis's clock. Absent: when a third of the time is left. */
  remindAt?: number;
  /** Who is mentioned besides, and when, ms by Redis's clock. */
  escalations?: readonly { at: number; by: { groups: readonly string[]; users: readonly string[] } }[];
  expiresAt: number;
  digest: string;
  votes: readonly Vote[];
}

/** A request that nobody had to approve: it is announced before it starts, and reviewed afterwards. */
export interface BreakGlass {
  /** Who reviews it. */
  review: RequiredApproval;
  /** The channel where it is announced, if it is another than that of the request. */
  copyIn?: string;
  /** The claim that its person holds until the review: one use at a time. */
  claim: string;
  /** Null: not yet. */
  reviewed: Review | null;
}

/** What the reviewer says of a use of break-glass. */
export interface Review {
  actor: Actor;
  at: number;
  justified: boolean;
  why: string;
}

/** The progress of a running request. All times are ms by Redis's clock. */
export interface Run {
  phase: string;
  /** Counts the entries into this phase from 0; a phase may be entered again. */
  visit: number;
  /**
   * `sending`: the effect is saved, and the holder of the lease may have sent it. `sent`: Flink's answer is known, or
   * will never be.
   */
  stage: "sending" | "sent";
  effect: Effect | null;
  effectId: string;
  /** Until when the holder may start the HTTP request. Null: nobody holds the lease and nothing was sent. */
  lease: { holder: string; until: number } | null;
  anchor: Anchor | null;
  sent: Sent;
  results: { readonly [phase: string]: Json };
  visits: { readonly [phase: string]: number };
  startedAt: number;
  /**
   * When the phase was entered, or, once the answer to its effect is known, when the effect was sent. Limits count
   * from here.
   */
  enteredAt: number;
  note: Text;
  progress: readonly [done: number, of: number] | null;
  table: Table | null;
  /** When `note`, `progress` and `table` last changed. */
  notedAt: number;
  /** Why the audit log keeps the effect from being sent, in plain words; absent where `note` says something else. */
  unaudited?: string;
}

export type Ending =
  /** Refused by policy, a pre-check or the channel. */
  | "refused"
  | "denied"
  | "expired"
  | "withdrawn"
  /** The approved facts are no longer true, or the request could not start in time. Nothing was sent. */
  | "void"
  /** Another request (a cancel) took over. */
  | "superseded"
  | "ran";

/** An event of a long operation that gets its own reply in the thread. */
export interface Milestone {
  at: number;
  text: Text;
}

/** The state of a request. Moved only by `commit`, together with claims and audit entries. */
export interface RequestRecord {
  v: 1;
  id: string;
  operation: string;
  class: OperationClass;
  args: { readonly [key: string]: Json };
  target: ChangeTarget;
  actor: Actor;
  place: Place;
  reason: string | null;
  askedAt: number;
  /** It was asked with break-glass, whether it needed it or not: its queue job is in that lane. */
  askedWithBreakGlass?: true;
  state: "awaiting" | "ready" | "running" | "ended" | "closed";
  intent: Intent;
  /** The rule that decided the request, and the hash of its policy. Absent before it, and before version 0.2. */
  decided?: { rule: string; policy: string };
  /** Null where no approval is needed. */
  approval: Approval | null;
  /** Absent: it was approved, or needed no approval. */
  breakGlass?: BreakGlass;
  /** Absent: there are none. */
  suggestions?: readonly Suggestion[];
  /** The request is not started after this, ms by Redis's clock. Set when it becomes ready. */
  startBy: number | null;
  /**
   * Why a ready request waits: another request holds a claim (`holder`), someone has locked what it changes (`lock`: the
   * id of that lock), or the cluster does not answer. `claims`: the claims it needs, in whose lines it waits; records of
   * versions before 0.2 have none. `freeAt`: when the lock was first seen to be gone, ms.
   */
  waiting: {
    holder: string | null;
    words: Text;
    claims?: readonly string[];
    lock?: string;
    freeAt?: number;
  } | null;
  run: Run | null;
  milestones: readonly Milestone[];
  /** The claims that the request holds, from its start to its end. */
  claims: readonly string[];
  /** Jobs that the request started, or may have started: recorded before the effect is sent. */
  launched: readonly Launched[];
  /** The request that started this one. Its approval and card cover this one too. Null: a person started it. */
  parent: string | null;
  /** The requests that this one started. */
  children: readonly { id: string; jobId: string; name: string }[];
  /**
   * The request that took over. Effects already under way are still observed to their end. `link`: to its card; null
   * or absent: unknown.
   */
  supersededBy: { requestId: string; actor: string; link?: string | null } | null;
  /** The requests that this one took over. */
  supersedes: readonly { requestId: string; link: string | null }[];
  end: { ending: Ending; report: Report; at: number } | null;
  /** The follow-up, due at `dueAt` (ms); null: none is planned. `line` is null until it is done. */
  second: { dueAt: number; line: Text | null; worse: boolean } | null;
}

/** "" where the target is not an existing job. */
export const jobIdOf = (target: ChangeTarget): string => (target.kind === "job" ? target.jobId : "");
/** "" where the target has no name. */
export const nameOf = (target: ChangeTarget): string =>
  target.kind === "job" || target.kind === "name" ? target.name : "";

/** The channel of the copy of the card; undefined: there is none. */
export const copyInOf = ({
  approval,
  breakGlass,
}: Pick<RequestRecord, "approval" | "breakGlass">): string | undefined =>
  approval?.copyIn ?? breakGlass?.copyIn;

/** The claims in whose lines the request waits; empty where it waits for no other request. */
export const lineOf = ({ state, waiting }: Pick<RequestRecord, "state" | "waiting">): readonly string[] =>
  state === "ready" && waiting !== null && waiting.holder !== null ? (waiting.claims ?? []) : [];

/** What the approval takes, also of records that were written before there were lists. */
export const requirementsOf = ({
  requirements,
  needed,
  by,
}: Pick<Approval, "requirements" | "needed" | "by">): readonly (readonly RequiredApproval[])[] =>
  requirements ?? [[{ from: ["approve"], count: needed, by }]];

/** The distinct people who approved, because each counts once. */
export const approversOf = ({ votes }: Pick<Approval, "votes">): readonly string[] => [
  ...new Set(votes.filter((v) => v.kind === "approve").map((v) => v.actor.user)),
];

export const isOpen = (r: RequestRecord): boolean => r.state !== "closed";
export const isLive = (r: RequestRecord): boolean => r.state !== "closed" && r.state !== "ended";
/** Short enough to say aloud, long enough for `withdraw` to find the request. */
export const shortId = (requestId: string): string => requestId.slice(0, 8);

/** A link to the request's card, or its short id where there is no link. */
export const requestRef = (requestId: string, link: string | null | undefined): Span =>
  link == null ? code(shortId(requestId)) : { link, label: shortId(requestId) };

/**
 * The last savepoint that a request wrote and has not deleted, from the `location` of its report or of a phase's result.
 * Null: none is known.
 */
export function locationOf(
  { run, end }: RequestRecord,
  report: Report | null = end?.report ?? null,
): string | null {
  const disposed = told("disposed", { run, report });
  return told("location", { run, report }).findLast((path) => !disposed.includes(path)) ?? null;
}

/** The texts under this key in the results of the phases, in their order, and then in the facts of the report. */
export const told = (
  key: "location" | "disposed",
  { run, report }: { run: Run | null; report: Report | null },
): readonly string[] =>
  [...Object.values(run?.results ?? {}), report?.facts ?? null].flatMap((known) => {
    const text =
      typeof known === "object" && known !== null && !Array.isArray(known)
        ? Object.entries(known).find(([name]) => name === key)?.[1]
        : undefined;
    return typeof text === "string" && text !== "" ? [text] : [];
  });
