import type { Refusal } from "../../model/report.ts";
import { code, type Text, t } from "../../model/text.ts";
import { MAY, mayNot, type Verdict } from "../../model/verdict.ts";
import type { Engine } from "../ports/engine.ts";
import { type Intake, isLive, requestRef, type RequestRecord, shortId } from "../record/record.ts";

/** How many of the open requests a refusal names. */
const NAMED = 5;

/**
 * Whether this person may have one more open request. Requests that another request started do not count. One round trip,
 * unless there are too many. Requests that begin at the same moment do not see each other, so there may be a few more.
 */
export async function oneMore(engine: Engine, { actor }: Pick<Intake, "actor">): Promise<Verdict<Refusal>> {
  const { store, mostOpen } = engine;
  const ids = await store.openOf(actor.user);
  if (ids.length < mostOpen) return MAY;
  const open = (await store.loadMany(ids))
    .map((held) => held.record)
    .filter((record) => isLive(record) && record.parent === null);
  const [oldest] = open;
  if (oldest === undefined || open.length < mostOpen) return MAY;
  const lines = await Promise.all(open.slice(0, NAMED).map(async (record) => await lineOf(engine, record)));
  const example = open.find(({ state }) => state !== "running") ?? oldest;
  return mayNot({
    refuse: `You have ${open.length} open requests, and ${mostOpen} are allowed at a time. Nothing was changed.`,
    instead: [
      "The oldest of them:",
      ...lines,
      t`Withdraw those that nobody needs any more, for example with ${code(`withdraw ${shortId(example.id)}`)}, or wait until one has ended. A running request cannot be withdrawn.`,
    ],
  });
}

async function lineOf(engine: Engine, { id, intent, target, state, askedAt }: RequestRecord): Promise<Text> {
  const ref = requestRef(id, await engine.link(id));
  return t`${ref}: ${intent.headline} on ${engine.labelOf(target.cluster)}, ${WORDS[state]}, requested ${{ at: askedAt }}`;
}

const WORDS: Readonly<Record<RequestRecord["state"], string>> = {
  awaiting: "waiting for approval",
  ready: "waiting to start",
  running: "running",
  ended: "ended",
  closed: "ended",
};
