import { z } from "zod";
import { endedAsReported, endedBy, startedBy, writesTo } from "../../model/effect.ts";
import { plain } from "../../model/text.ts";
import type { Knowledge, RequestOnName, StartedJob } from "../../model/knowledge.ts";
import type { RehearsedFacts } from "../../model/rehearsal.ts";
import type { Keys } from "../../redis/keys.ts";
import { isLive, jobIdOf, locationOf, nameOf, type RequestRecord } from "./record.ts";
import { nameIndex, type Store } from "./store.ts";

/** How many requests about one name are read; requests under way are among the newest. */
const MOST = 100;

export interface RequestsOnOptions {
  store: Pick<Store, "ids" | "loadMany" | "openIds">;
  keys: Keys;
  /** The link to a request's card; null: unknown. */
  link: (requestId: string) => Promise<string | null>;
}

/** Our requests by target, as operations see one another's requests. */
export function createRequestsOn({
  store,
  keys,
  link,
}: RequestsOnOptions): Pick<Knowledge, "requestsOn" | "underWayOn"> {
  const seen = async (ids: readonly string[], isWanted: (r: RequestRecord) => boolean) => {
    const records = ids.length === 0 ? [] : (await store.loadMany(ids)).map((h) => h.record);
    return await Promise.all(
      records.filter(isWanted).map(async (r) => asOthersSee(r, isLive(r) ? await link(r.id) : null)),
    );
  };
  return {
    requestsOn: async (cluster, name) =>
      await seen(await store.ids(`${keys.prefix}:${nameIndex(cluster, name)}`, MOST), () => true),
    underWayOn: async (cluster) =>
      await seen(
        await store.openIds(),
        (r) => r.target.cluster === cluster && r.state === "running" && nameOf(r.target) !== "",
      ),
  };
}

function asOthersSee(record: RequestRecord, link: string | null): RequestOnName {
  return {
    id: record.id,
    headline: plain(record.intent.headline),
    actor: record.actor.user,
    state: record.state === "running" ? "running" : isLive(record) ? "open" : "over",
    jobId: jobIdOf(record.target),
    jobName: nameOf(record.target),
    askedAt: record.askedAt,
    launched: record.launched.map(({ jobId, as }) => ({
      jobId,
      ...(as !== undefined && { isRehearsal: true }),
      fate: fateOf(record, jobId),
    })),
    ...(record.supersededBy !== null && { supersededBy: record.supersededBy.requestId }),
    ...rehearsedIn(record),
    savepoint: savepointOf(record),
    ended: endOf(record),
    link,
  };
}

const rehearsed: z.ZodType<RehearsedFacts> = z.object({
  is: z.enum(["healthy", "failed"]),
  jar: z.string(),
  entryClass: z.string().nullable(),
  argsSha256: z.string(),
  tookMs: z.number(),
  bytes: z.number().nullable(),
});

/** Facts of another shape, as another version of flinkops may write them, count as none. */
function rehearsedIn({ end }: RequestRecord): Pick<RequestOnName, "rehearsed"> {
  const facts = rehearsed.safeParse(end?.report.facts?.["rehearsed"]);
  return end === null || !facts.success ? {} : { rehearsed: { ...facts.data, at: end.at } };
}

/** Decided by the current effect alone, because earlier effects were observed before the next one was sent. */
function fateOf({ run, state }: RequestRecord, jobId: string): StartedJob["fate"] {
  if (run === null || startedBy(run.effect)?.jobId !== jobId) return "sent";
  if (run.stage === "sending") return state === "running" ? "coming" : "never";
  return run.sent.is === "refused" ? "never" : "sent";
}

function endOf({ run, end, target }: RequestRecord): RequestOnName["ended"] {
  const facts = end?.report.facts ?? {};
  const by = endedAsReported(facts);
  if (end !== null && by !== null)
    return { jobId: jobIdOf(target), by, drained: facts["drained"] === true, at: end.at };
  const effect = endedBy(run?.effect ?? null);
  if (run === null || effect === null || run.stage !== "sent" || run.sent.is !== "accepted") return null;
  const drained = "drain" in effect && effect.drain;
  return { jobId: effect.jobId, by: effect.do, drained, at: end?.at ?? run.enteredAt };
}

/** The savepoint of a request, or the directory that its current effect writes one to. */
function savepointOf(record: RequestRecord): string | null {
  const effect = record.end === null ? (record.run?.effect ?? null) : null;
  return locationOf(record) ?? writesTo(effect);
}
