import type { Refusal } from "../operations/operation.ts";
import type { RequestSummary, RequestsView } from "../operations/views.ts";
import { code, plain, t } from "../operations/text.ts";
import type { RedisClient } from "../redis/connect.ts";
import type { Keys } from "../redis/keys.ts";
import type { CardRef } from "./conversation.ts";
import { isLive, jobIdOf, nameOf, type RequestRecord, shortId } from "./record.ts";
import type { Store } from "./store.ts";

/** How far back a filter looks. */
const MOST = 500;

/** Requests as people ask about them. `linkOf`: where a card can be opened; null where that is not known. */
export function createRequestsView(
  redis: RedisClient,
  keys: Keys,
  store: Store,
  linkOf: (card: CardRef) => string | null,
): RequestsView & { find(typed: string): Promise<{ requestId: string } | Refusal> } {
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
    async recent({ actor, job, open, most }) {
      const ids =
        open === true
          ? (await store.openIds()).toReversed()
          : await store.ids(actor === undefined ? keys.all : keys.ofActor(actor), MOST);
      const records = (await store.loadMany(ids)).map((h) => h.record);
      const wanted = records.filter(
        (r) =>
          (actor === undefined || r.actor.user === actor) &&
          (open !== true || isLive(r)) &&
          (job === undefined ? r.parent === null : isOf(r, job)),
      );
      return await Promise.all(wanted.slice(0, most).map(summary));
    },
    async find(typed) {
      const wanted = typed.trim().toLowerCase();
      if (wanted.length >= 6) {
        const exact = (await store.loadMany([wanted]))[0];
        if (exact !== undefined) return { requestId: exact.record.id };
        const ids = (await redis.zrevrange(keys.all, 0, MOST - 1)).filter((id) => id.startsWith(wanted));
        const [only] = ids;
        if (only !== undefined && ids.length === 1) return { requestId: only };
        if (only !== undefined)
          return {
            refuse: t`${code(typed)} is the beginning of ${ids.length} requests' ids.`,
            instead: ["Type more of the id; it stands at the bottom of each card."],
          };
      }
      return {
        refuse: t`There is no request ${code(typed)}.`,
        instead: ["The id stands at the bottom of each card; six characters of it are enough."],
      };
    },
  };
}

/** Whether a request is about this job; of many at once, those on each of them stand by themselves. */
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
      return r.end === null ? "ended" : endWords(r.end.ending, r.end.report.outcome);
  }
}

const endWords = (ending: string, outcome: string): string => (ending === "ran" ? outcome : ending);
