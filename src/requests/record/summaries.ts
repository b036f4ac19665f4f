import type { Refusal } from "../../model/report.ts";
import type { RequestSummary, RequestSummaries } from "../../model/knowledge.ts";
import { code, plain, t } from "../../model/text.ts";
import type { Keys } from "../../redis/keys.ts";
import type { CardRef } from "../ports/conversation.ts";
import { type Intake, isLive, jobIdOf, nameOf, type RequestRecord, shortId } from "./record.ts";
import { isUnreviewed } from "./claims.ts";
import type { Store } from "./store.ts";

/** How many of the newest requests a filter reads. */
const MOST = 500;

/** A request that was accepted and has no record yet. */
export interface Unbegun {
  intake: Intake;
  /** A worker has taken the request; otherwise it waits for one. */
  inHand: boolean;
}

export interface RequestSummariesOptions {
  keys: Keys;
  store: Pick<Store, "cards" | "ids" | "loadMany" | "openIds">;
  /** The requests in the queues whose ids are not in `known`. */
  unbegun: (known: ReadonlySet<string>) => Promise<readonly Unbegun[]>;
  /** The link to a card; null: unknown. */
  linkOf: (card: CardRef) => string | null;
}

/** The lists of requests that people ask for. */
export function createRequestSummaries({
  keys,
  store,
  unbegun,
  linkOf,
}: RequestSummariesOptions): RequestSummaries & {
  find(typed: string): Promise<{ requestId: string } | Refusal>;
} {
  /** Leaves out requests that have a record by now, so that none is listed twice. */
  const waiting = async (open: readonly string[]): Promise<readonly Unbegun[]> => {
    const found = await unbegun(new Set(open));
    const recorded = await store.loadMany(found.map((w) => w.intake.requestId));
    const known = new Set(recorded.map((h) => h.record.id));
    return found.filter((w) => !known.has(w.intake.requestId));
  };
  const summary = async (record: RequestRecord): Promise<RequestSummary> => {
    const { messages } = await store.cards(record.id);
    const card = messages[0]?.card;
    return {
      id: shortId(record.id),
      operation: record.operation,
      headline: record.intent.headline,
      cluster: record.target.cluster,
      jobId: jobIdOf(record.target) || null,
      jobName: nameOf(record.target) || null,
      actor: record.actor.user,
      askedAt: record.askedAt,
      state: stateWords(record),
      open: isLive(record),
      link: card === undefined ? null : linkOf(card),
    };
  };
  return {
    async one(requestId) {
      const [held] = await store.loadMany([requestId]);
      return held === undefined ? null : { ...(await summary(held.record)), intent: held.record.intent };
    },
    async recent({ actor, job, open, unreviewed, most }) {
      const openIds = (await store.openIds()).toReversed();
      const index = actor === undefined ? keys.all : keys.ofActor(actor);
      // what is not reviewed is not closed
      const ids = open === true || unreviewed === true ? openIds : await store.ids(index, MOST);
      const isTheirs = (by: string): boolean => actor === undefined || by === actor;
      const begun = (await store.loadMany(ids)).filter(
        ({ record: r }) =>
          isTheirs(r.actor.user) &&
          (open !== true || isLive(r)) &&
          (unreviewed !== true || isUnreviewed(r)) &&
          (job === undefined ? r.parent === null : isOf(r, job)),
      );
      const early = (await waiting(openIds)).filter(
        ({ intake: i }) =>
          unreviewed !== true &&
          isTheirs(i.actor.user) &&
          (job === undefined ? i.parent === null : isAbout(i, job)),
      );
      const told = await Promise.all(begun.slice(0, most).map(async (h) => await summary(h.record)));
      return [...early.map(unbegunSummary), ...told].toSorted((a, z) => z.askedAt - a.askedAt).slice(0, most);
    },
    async find(typed) {
      const wanted = typed.trim().toLowerCase();
      if (wanted.length >= 6) {
        const exact = (await store.loadMany([wanted]))[0];
        if (exact !== undefined) return { requestId: exact.record.id };
        const ids = (await store.ids(keys.all, MOST)).filter((id) => id.startsWith(wanted));
        const [only] = ids;
        if (only !== undefined && ids.length === 1) return { requestId: only };
        if (only !== undefined)
          return {
            refuse: t`${code(typed)} is the beginning of ${ids.length} requests' ids.`,
            instead: ["Type more of the id; it stands at the bottom of each card."],
          };
        const early = (await waiting(await store.openIds())).map((w) => w.intake.requestId);
        if (early.some((id) => id.startsWith(wanted)))
          return {
            refuse: t`Request ${code(shortId(wanted))} has not begun: no worker has taken it yet.`,
            instead: [
              "Try again once its card is there. If no worker comes in time, it is dropped by itself.",
            ],
          };
      }
      return {
        refuse: t`There is no request ${code(typed)}.`,
        instead: ["The id stands at the bottom of each card; six characters of it are enough."],
      };
    },
  };
}

function unbegunSummary({ intake, inHand }: Unbegun): RequestSummary {
  return {
    id: shortId(intake.requestId),
    operation: intake.operation,
    headline: `${intake.operation} ${intake.job}`.trim(),
    cluster: intake.cluster,
    jobId: intake.bound?.jobId ?? null,
    jobName: intake.job === "" ? null : intake.job,
    actor: intake.actor.user,
    askedAt: intake.askedAt,
    state: inHand ? "about to begin" : "waiting for a worker",
    open: true,
    link: null,
  };
}

const isAbout = ({ job: typed, bound }: Intake, job: string): boolean =>
  [typed, bound?.name].includes(job) || (job.length >= 6 && (bound?.jobId ?? typed).startsWith(job));

/** Whether a request is about this job. Children of a request for many jobs count for their own job. */
const isOf = (r: RequestRecord, job: string): boolean =>
  nameOf(r.target) === job ||
  (job.length >= 6 &&
    [jobIdOf(r.target), ...r.launched.map((l) => l.jobId)].some((id) => id.startsWith(job)));

function stateWords(r: RequestRecord): string {
  switch (r.state) {
    case "awaiting":
      return "waiting for approval";
    case "ready":
      return r.waiting === null ? "about to start" : "waiting to start";
    case "running":
      return `running: ${r.run === null ? "" : plain(r.run.note)}`;
    case "ended":
    case "closed":
      if (r.end === null) return "ended";
      return `${endWords(r.end.ending, r.end.report.outcome)}${isUnreviewed(r) ? ", to be reviewed" : ""}`;
  }
}

const endWords = (ending: string, outcome: string): string => (ending === "ran" ? outcome : ending);
