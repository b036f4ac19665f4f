import { expect } from "vitest";
import type { SeenMessage } from "../../../playground/slack/driver.ts";
import { ANA } from "../../../playground/slack/workspace-seed.ts";
import { everyMessage, headOf, isCard, isOver, requestOf } from "../../harness/cards.ts";
import { FORBIDDEN } from "../../harness/judge.ts";
import type { Asked } from "../../harness/people.ts";
import type { Surroundings } from "../../harness/world.ts";

/**
 * The card at the end: there is one, the requester was told under it, it contains no Java class names, and the audit log
 * holds each event as often as it happened. Leaves no claim.
 */
export async function told(
  world: Surroundings,
  asked: Asked,
  was: { approved: boolean; effects: number },
): Promise<SeenMessage> {
  const outcome = await asked.outcome(60_000);
  await world.stored.atRest();
  const id = requestOf(outcome);
  const cards = everyMessage(await world.driver.see(ANA)).filter(
    (one) => isCard(one) && requestOf(one) === id,
  );
  expect(cards.map(headOf)).toEqual([headOf(outcome)]);
  expect(cards.every(isOver)).toBe(true);
  const replies = (await asked.replies()).map((one) => one.plain);
  // a follow-up after a fraction of a second may well find it worse: its figures are missing
  const other = /asks for approval|Worse since/u;
  const rung = replies.filter((words) => words.includes("@Ana") && !other.test(words));
  expect(rung).toHaveLength(1);
  expect([outcome.plain, ...replies].filter((words) => FORBIDDEN.test(words))).toEqual([]);

  const events = await world.stored.events(id);
  const times = (event: string): number => events.filter((one) => one === event).length;
  expect({ asked: times("asked"), approved: times("approved"), ended: times("ended") }).toEqual({
    asked: 1,
    approved: was.approved ? 1 : 0,
    ended: 1,
  });
  expect(times("called")).toBe(was.effects);
  expect(times("calling") + times("passed")).toBeGreaterThanOrEqual(was.effects);
  expect(await world.stored.claims()).toEqual({});
  return outcome;
}
