import type { Anchor, Effect, Sent } from "../../model/effect.ts";
import type { ChangeTarget, Find, OperationClass } from "../../model/target.ts";
import type { Intent } from "../../model/intent.ts";
import type { Json } from "../../model/json.ts";
import type { Report, Table } from "../../model/report.ts";
import { code, type Span, type Text } from "../../model/text.ts";
import type { Launched } from "../../model/knowledge.ts";

/** Where the words were said, and where the answer goes. */
export interface Place {
  channel: string;
  /** The thread a mention or a click came from; null at the root of a channel. */
  thread: string | null;
  door: "command" | "mention" | "button";
}

/** A Slack user as presented; who that is gets looked up live. */
export interface Actor {
  user: string;
  team: string;
}

/** What was asked, written once into the BullMQ job. Its id comes from Slack's own delivery, so a redelivery is the same request. */
export interface Intake {
  v: 1;
  requestId: string;
  operation: string;
  args: { readonly [key: string]: Json };
  cluster: string;
  /** What it acts on, and that as typed: a job, a name, a path; "" for a cluster. */
  find: Exclude<Find["find"], "none" | "request">;
  job: string;
  /** What the directory said it was when asked; null: the worker looks once. */
  bound: { jobId: string; name: string } | null;
  actor: Actor;
  place: Place;
  reason: string | null;
  /** By Redis's clock where known, ms. */
  askedAt: number;
  /** Of a question: the answer is for everybody in the channel. */
  post?: boolean;
  /** The request that has started this one, on whose card it stands; null: a person. */
  parent: string | null;
}

export interface Vote {
  actor: Actor;
  kind: "approve" | "deny";
  at: number;
  /** SHA-256 of what the approver saw: headline, losses, binds. */
  digest: string;
}

export interface Approval {
  /** How many distinct people must agree. */
  needed: number;
  /** Slack user group ids and user ids, for words and the one mention. */
  by: { groups: readonly string[]; users: readonly string[] };
  expiresAt: number;
  digest: string;
  votes: readonly Vote[];
}

/** Where a phase stands. All times ms by Redis's clock. */
export interface Run {
  phase: string;
  /** A phase may be entered again. */
  visit: number;
  /** sending: saved, may have been sent by whoever holds the lease; sent: Flink's answer is known, or never will be. */
  stage: "sending" | "sent";
  effect: Effect | null;
  effectId: string;
  /** Until when its holder may start the HTTP request. Null: nobody holds it and nothing was sent. */
  lease: { holder: string; until: number } | null;
  anchor: Anchor | null;
  sent: Sent;
  results: { readonly [phase: string]: Json };
  visits: { readonly [phase: string]: number };
  startedAt: number;
  /** When the phase was entered; once the answer to its effect is known, when that was sent. Limits count from here. */
  enteredAt: number;
  note: Text;
  progress: readonly [done: number, of: number] | null;
  table: Table | null;
  /** When note, progress and table last changed. */
  notedAt: number;
}

export type Ending =
  /** Policy, pre-check or channel said no. */
  | "refused"
  | "denied"
  | "expired"
  | "withdrawn"
  /** What was agreed to is not so any more, or it could not start in time. */
  | "void"
  /** Another request (cancel) took over. */
  | "superseded"
  | "ran";

/** Something worth a line of its own in the thread of a long operation. */
export interface Milestone {
  at: number;
  text: Text;
}

/** Where a request stands. Moved only by commit(), together with claims and audit entries. */
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
  state: "awaiting" | "ready" | "running" | "ended" | "closed";
  intent: Intent;
  /** Null where nobody had to agree. */
  approval: Approval | null;
  /** What cannot start by then is not started. Set on becoming ready. */
  startBy: number | null;
  /**
   * Why a ready request waits: the request that holds the job, or a cluster that does not answer. `claims`: what it needs to
   * itself, in whose lines it stands; records of versions before 0.2 have none.
   */
  waiting: { holder: string | null; words: Text; claims?: readonly string[] } | null;
  run: Run | null;
  milestones: readonly Milestone[];
  /** What it holds, from its start to its end. */
  claims: readonly string[];
  /** Jobs that it has brought into being, or perhaps: noted before it is sent. */
  launched: readonly Launched[];
  /** The request that has started this one, and stands in for it: approval, card, outcome. */
  parent: string | null;
  /** Those that it has started itself. */
  children: readonly { id: string; jobId: string; name: string }[];
  /** The request that took over; what is under way is still observed to its end. `link`: to its card, where known. */
  supersededBy: { requestId: string; actor: string; link?: string | null } | null;
  /** The requests taken over. */
  supersedes: readonly { requestId: string; link: string | null }[];
  end: { ending: Ending; report: Report; at: number } | null;
  /** To be looked at once more when it is due; null: not. `line` null: not yet. */
  second: { dueAt: number; line: Text | null; worse: boolean } | null;
}

/** A record as this version has it: before 0.2 at most one request was taken over, and null stood for none. */
export const upgraded = (stored: RequestRecord): RequestRecord => {
  const supersedes: unknown = stored.supersedes;
  if (Array.isArray(supersedes)) return stored;
  const one =
    typeof supersedes === "object" && supersedes !== null && "requestId" in supersedes
      ? supersedes.requestId
      : null;
  return { ...stored, supersedes: typeof one === "string" ? [{ requestId: one, link: null }] : [] };
};

/** "" where it acts on no job that is there. */
export const jobIdOf = (target: ChangeTarget): string => (target.kind === "job" ? target.jobId : "");
/** "" where it acts on something without a name. */
export const nameOf = (target: ChangeTarget): string =>
  target.kind === "job" || target.kind === "name" ? target.name : "";

/** The claims in whose lines it stands; none where it waits for no other request. */
export const lineOf = ({ state, waiting }: Pick<RequestRecord, "state" | "waiting">): readonly string[] =>
  state === "ready" && waiting !== null && waiting.holder !== null ? (waiting.claims ?? []) : [];

export const isOpen = (r: RequestRecord): boolean => r.state !== "closed";
export const isLive = (r: RequestRecord): boolean => r.state !== "closed" && r.state !== "ended";
/** Enough for a person to say it aloud and for `withdraw` to find it. */
export const shortId = (requestId: string): string => requestId.slice(0, 8);

/** A request as a link to its card, or by its short id. */
export const requestRef = (requestId: string, link: string | null | undefined): Span =>
  link == null ? code(shortId(requestId)) : { link, label: shortId(requestId) };

/** The savepoint that a request has written: reports and results of phases name it `location`; null: none that is known. */
export function locationOf(
  { run, end }: RequestRecord,
  report: Report | null = end?.report ?? null,
): string | null {
  for (const known of [report?.facts ?? null, ...Object.values(run?.results ?? {})]) {
    const location =
      typeof known === "object" && known !== null && !Array.isArray(known)
        ? Object.entries(known).find(([key]) => key === "location")?.[1]
        : undefined;
    if (typeof location === "string" && location !== "") return location;
  }
  return null;
}
