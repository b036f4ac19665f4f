import type { Text } from "../model/text.ts";
import { groupsOf } from "../policy/membership.ts";
import { type Freshness, fullMember, type Person } from "../policy/person.ts";
import type { Click, Clicked, Reviewed, Reviewing } from "../requests/ports/inbox.ts";
import type { RequestRecord } from "../requests/record/record.ts";
import { reviewed, reviewVerdict } from "../requests/steps/review.ts";
import {
  type ClickOptions,
  notCounted,
  OPEN_PATIENCE_MS,
  PATIENCE_MS,
  refused,
  refusedWithout,
} from "./click.ts";

type ReviewingOptions = Pick<ClickOptions, "store" | "policy" | "people" | "wake" | "log">;
type Pressed = Parameters<Reviewing["open"]>[0];

/** Reviews of what was started with break-glass: a form, and then one move of the record. */
export function createReviews(options: ReviewingOptions): Reviewing {
  const failed = (requestId: string, error: unknown): Text => {
    options.log.warn({ requestId, err: error }, "review not counted");
    return notCounted(error);
  };
  return {
    open: async (pressed) =>
      await open(options, pressed).catch((error: unknown) => ({ refuse: failed(pressed.requestId, error) })),
    make: async (said) =>
      await make(options, said).catch((error: unknown) => ({
        is: "not counted" as const,
        tell: failed(said.requestId, error),
      })),
  };
}

async function open(options: ReviewingOptions, pressed: Pressed): ReturnType<Reviewing["open"]> {
  const { store, policy } = options;
  const held = await store.load(pressed.requestId);
  if (held.record === null)
    return { refuse: await refusedWithout(options, { ...pressed, kind: "review" }, held) };
  const { record, now } = held;
  if (pressed.card !== null) await store.addCard(record.id, pressed.card);
  const person = await reviewer(options, record, {
    actor: pressed.actor,
    fresh: { patienceMs: OPEN_PATIENCE_MS },
  });
  const verdict = reviewVerdict(policy, record, person);
  if (verdict.is === "may") return record;
  return { refuse: await notReviewed(options, pressed, { record, now, ...verdict.why }) };
}

async function make(options: ReviewingOptions, said: Reviewed): Promise<Clicked> {
  const { store, policy, log } = options;
  const { actor, justified, why } = said;
  const arrivedAt = await store.now();
  for (;;) {
    const held = await store.load(said.requestId);
    if (held.record === null)
      return { is: "not counted", tell: await refusedWithout(options, { ...said, kind: "review" }, held) };
    const { record, now } = held;
    const fresh = { notBefore: arrivedAt, patienceMs: PATIENCE_MS };
    const person = await reviewer(options, record, { actor, fresh });
    const verdict = reviewVerdict(policy, record, person);
    if (verdict.is === "may not")
      return { is: "not counted", tell: await notReviewed(options, said, { record, now, ...verdict.why }) };
    const review = { actor, at: now, justified, why, person };
    const { next, extras } = reviewed(policy, { record, glass: verdict.glass }, review);
    const committed = await store.commit([{ rev: held.rev, next }], extras);
    if (committed.is === "fenced") continue;
    log.info({ requestId: record.id, justified }, "break-glass reviewed");
    void options.wake(next);
    return { is: "counted" };
  }
}

/** The requester is refused by the user id alone. */
async function reviewer(
  { policy, people }: ReviewingOptions,
  { actor: requester, breakGlass }: RequestRecord,
  { actor, fresh }: { actor: Click["actor"]; fresh: Freshness },
): Promise<Person> {
  if (actor.user === requester.user || breakGlass === undefined) return fullMember(actor);
  return await people.lookup(actor, {
    ...fresh,
    groups: groupsOf(policy, breakGlass.review.from, actor.user),
  });
}

async function notReviewed(
  options: ReviewingOptions,
  { requestId, actor }: Pick<Click, "requestId" | "actor">,
  { record, rule, why, now }: { record: RequestRecord; rule: string; why: Text; now: number },
): Promise<Text> {
  await refused(options, { requestId, actor, kind: "review" }, { record, rule, now });
  return why;
}
