import { expect } from "vitest";
import { everyMessage, headOf, isCard, isOver, requestOf } from "./cards.ts";
import type { World } from "./world.ts";
import { ANA, BEN } from "../../playground/slack/workspace-seed.ts";

const ENDINGS = ["refused", "denied", "expired", "withdrawn", "void", "superseded", "ended", "put back"];

/** Words of Java or of our own secrets that no person and no log may ever see. */
export const FORBIDDEN =
  /\bat org\.apache|\tat |CompletionException|rO0ABX|xox[bp]-|xapp-|playground-(?:bot|app)-token|node_modules|\.ts:\d+/u;

/**
 * What must hold once nothing is under way, judged by Flink's effects and Slack's messages: one outcome per request on all
 * its cards, one effect per effect id and none that was not saved before, no claim left, no queue job left. `ghosts`: so many
 * cards were posted and not saved, and so many more `perhaps`.
 */
export async function judge(world: World, { ghosts = 0, perhaps = 0 } = {}): Promise<void> {
  await world.stored.atRest();
  expect(await world.stored.claims()).toEqual({});
  const audit = await world.stored.audit();
  const effects = await world.flink.control.effects();

  const triggerIds = effects.flatMap((e) => (e.triggerId === null ? [] : [e.triggerId]));
  expect(triggerIds).toHaveLength(new Set(triggerIds).size);
  // a job that a request starts has the effect's id for its own
  const started = new Map(audit.map((e) => [e.detail["effectId"], e.requestId]));
  for (const effect of effects) {
    const by = started.get(effect.jobId ?? "");
    const calls = audit.filter(
      (e) =>
        e.event === "calling" &&
        (effect.jobId === null || e.jobId === effect.jobId || e.requestId === by) &&
        (effect.triggerId === null || e.detail["effectId"] === effect.triggerId),
    );
    expect(
      calls.some((e) => e.at <= effect.at + 5),
      `${effect.do} was saved before it was sent`,
    ).toBe(true);
  }

  const seen = [...everyMessage(await world.driver.see(ANA)), ...everyMessage(await world.driver.see(BEN))];
  const cards = seen.filter(isCard);
  for (const id of await world.stored.all()) {
    const endings = audit.filter(
      (e) => e.requestId === id && ENDINGS.includes(e.event) && "outcome" in e.detail,
    );
    expect(
      endings.map((e) => e.event),
      `endings of ${id}`,
    ).toHaveLength(1);
    const own = cards.filter((card) => requestOf(card) === id);
    const over = own.filter(isOver);
    if (over.length === 0) expect(own.map(headOf), `cards of ${id}`).toEqual([]);
    expect(new Set(over.map(headOf)).size, `words on the cards of ${id}`).toBeLessThanOrEqual(1);
  }
  const left = new Map(cards.filter((card) => !isOver(card)).map((card) => [card.ts, headOf(card)]));
  expect([...left.values()].slice(0, ghosts)).toHaveLength(ghosts);
  expect([...left.values()].slice(ghosts + perhaps)).toEqual([]);
  const leaked = seen.filter((one) => FORBIDDEN.test(`${one.plain}\n${one.text}`)).map((one) => one.plain);
  expect(leaked).toEqual([]);
}
