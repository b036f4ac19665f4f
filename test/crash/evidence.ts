import type { Redis } from "ioredis";
import type { SimulatedFlink } from "../../playground/flink/simulated/server.ts";
import { SlackDriver } from "../../playground/slack/driver.ts";
import type { SlackStandIn } from "../../playground/slack/server.ts";
import { ANA, FLINK_OPS } from "../../playground/slack/workspace-seed.ts";
import { auditLines } from "../harness/stored.ts";
import { SECOND_CARD } from "../../src/requests/card/missing.ts";
import type { Scenario } from "./scenario.ts";

/** What can be seen from outside when all is at rest: Flink's effects and Slack's messages, never our own record. */
export interface Evidence {
  acked: boolean;
  /** Whether there is a request at all. */
  accepted: boolean;
  effects: readonly string[];
  /** Jobs of this run that have not ended. */
  alive: number;
  cards: readonly string[];
  replies: readonly string[];
  audit: readonly { event: string; actor: string | null }[];
}

export async function gather(from: {
  slack: SlackStandIn;
  flink: SimulatedFlink;
  redis: Redis;
  prefix: string;
  job: string;
  /** How many effects there were before. */
  before: number;
  scenario: Scenario;
  since: number;
  acked: boolean;
}): Promise<Evidence> {
  const driver = new SlackDriver(from.slack.url);
  const messages = await driver.messages(FLINK_OPS, ANA);
  const cards = messages.filter((m) => m.threadTs === null && m.plain.includes(from.job) && m.isBot);
  const entries = await auditLines(from.redis, from.prefix);
  return {
    acked: from.acked,
    accepted: (await from.redis.zcard(`${from.prefix}:all`)) > 0,
    effects: (await from.flink.control.effects()).slice(from.before).map((e) => e.do),
    alive: await alive(from.flink, from.job),
    cards: cards.map((c) => c.plain),
    replies: cards.flatMap((c) => c.replies.map((r) => r.plain)),
    audit: entries.map(readEntry),
  };
}

async function alive(flink: SimulatedFlink, job: string): Promise<number> {
  const answer = await fetch(`${flink.url}/jobs/overview`);
  const { jobs } = (await answer.json()) as { jobs: { name: string; state: string }[] };
  const ended = ["FINISHED", "FAILED", "CANCELED"];
  // "job-1-a" of job-1, and "job-1 rehearsal r212ef36", but not job-12
  const isOfIt = (name: string): boolean => [" ", "-"].some((sep) => `${name}${sep}`.startsWith(job + sep));
  return jobs.filter(({ name, state }) => isOfIt(name) && !ended.includes(state)).length;
}

function readEntry(json: string): { event: string; actor: string | null } {
  const entry: unknown = JSON.parse(json);
  if (typeof entry !== "object" || entry === null || !("event" in entry) || !("actor" in entry))
    throw new TypeError("an audit entry without event and actor");
  return { event: String(entry.event), actor: typeof entry.actor === "string" ? entry.actor : null };
}

/** What is wrong; empty: as undisturbed. */
export function judge(scenario: Scenario, e: Evidence): string[] {
  const wrong: string[] = [];
  if (!e.accepted) {
    if (e.acked) wrong.push("lost: acked, but there is no request");
    if (e.effects.length > 0) wrong.push("untrue: an effect without a request");
    return wrong;
  }
  const { effects, requests = 1 } = scenario;
  if (e.effects.length > effects.length) wrong.push(`duplicate: ${e.effects.join(", ")}`);
  else if (e.effects.join() !== effects.join())
    wrong.push(`lost: Flink did ${e.effects.join(", ") || "nothing"}`);
  if (e.alive !== scenario.alive) wrong.push(`untrue: ${e.alive} jobs run, not ${scenario.alive}`);
  if (e.cards.length === 0) wrong.push("unseen: no card");
  const explained = e.replies.some((r) => r.includes(SECOND_CARD));
  const stale = e.cards.filter((card) => !scenario.outcome.test(card));
  // a card whose posting was cut off before its ts was known: it shows no outcome, and the other one's thread says so
  const excused =
    explained && stale.length === 1 && e.cards.length > 1 && /Queued|Waiting/.test(stale[0] ?? "");
  if (!excused) for (const card of stale) wrong.push(`untrue: a card says "${card.split("\n")[0] ?? ""}"`);
  if (!e.replies.some((r) => r.includes("@Ana"))) wrong.push("unsaid: the requester was not told");
  const count = (event: string): number => e.audit.filter((a) => a.event === event).length;
  if (count("asked") !== requests) wrong.push(`audit: asked ${count("asked")} times`);
  if (count("ended") !== requests) wrong.push(`audit: ended ${count("ended")} times`);
  if (count("approved") !== (scenario.approved ? 1 : 0))
    wrong.push(`audit: approved ${count("approved")} times`);
  const called = count("called");
  // starting other requests is a call, too
  const exact = requests === 1 && scenario.mayBeRepeated !== true;
  if (exact ? called !== effects.length : called < effects.length)
    wrong.push(`audit: called ${called} times`);
  if (count("calling") + count("passed") < effects.length) wrong.push("audit: called before calling");
  return wrong;
}
