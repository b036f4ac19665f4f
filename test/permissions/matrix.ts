import { z } from "zod";
import { plain } from "../../src/model/text.ts";
import type { RequestRecord } from "../../src/requests/record/record.ts";
import { type Delivered, type Door, Envelopes } from "./doors.ts";
import { House } from "./house.ts";
import { seedOfPeople, type Somebody } from "./people.ts";

/** One cell: the answer in a few words, and the audit entries that it left. */
export interface Cell {
  answer: string;
  entry: string;
}

/** What somebody does in a cell. */
export interface Act {
  door: Door;
  house: House;
  envelopes: Envelopes;
  by: Somebody;
  /** The request that was made before, where there is one. */
  before: RequestRecord | null;
}

/** A request of before: `waiting` for approval, or `used`: break-glass, over and not reviewed. */
export interface Before {
  is: "waiting" | "used";
  owner: Somebody;
}

/** An entry of the audit log, as far as the matrix shows it. */
const entrySchema = z.looseObject({
  event: z.string(),
  actor: z.string().nullable(),
  detail: z.looseObject({
    kind: z.string().optional(),
    rule: z.string().optional(),
    breakGlass: z.unknown().optional(),
    facts: z.looseObject({ rule: z.string().optional() }).optional(),
  }),
});
type Entry = z.infer<typeof entrySchema>;

/** What happens after which the test does not know how to call it. Says what to add. */
export class NotArranged extends Error {}

/** Lets somebody act in a world of its own, and says what came of it. */
export async function cellOf(
  door: Door,
  { by, before, act }: { by: Somebody; before: Before | null; act: (a: Act) => Promise<Delivered> },
): Promise<Cell> {
  const { faults } = door.slack.world;
  const isSpecial = by.leaves === true || by.faults !== undefined;
  // of everybody else the same is true in each cell, so Slack is not asked again
  if (isSpecial) door.answers.kept.clear();
  const house = new House(door);
  const made = before === null ? null : await house[before.is](before.owner);
  if (by.leaves === true) {
    await house.readBefore(by);
    house.pass(1000);
    leaveAllGroups(door, by);
  }
  for (const fault of by.faults ?? []) faults.armMethod(fault);
  try {
    house.forget();
    const delivered = await act({ door, house, envelopes: new Envelopes(door.slack), by, before: made });
    await house.work();
    const entries = house.entries.map((line) => entrySchema.parse(JSON.parse(line)));
    const answer = await answerOf(house, { delivered, entries });
    checkCalls(house, { answer, entries });
    if (delivered.heard.words !== "" && delivered.told === "") throw new Error(`nobody was told: ${answer}`);
    return { answer, entry: entryWords(entries, by) };
  } finally {
    faults.clear();
    if (backInGroups(door) || isSpecial) door.answers.kept.clear();
  }
}

/** Everybody is in their groups again; false: nobody had left. */
function backInGroups({ slack }: Door): boolean {
  let left = false;
  for (const { id, users } of seedOfPeople().groups) {
    const group = slack.world.state.groups.get(id);
    if (group === undefined || group.users.length === users.length) continue;
    group.users = users;
    left = true;
  }
  return left;
}

/** From now on Slack says that somebody is in no group, until the cell is over. */
export function leaveAllGroups({ slack }: Door, { actor }: Somebody): void {
  for (const group of slack.world.state.groups.values())
    group.users = group.users.filter((user) => user !== actor.user);
}

/** Flink is called exactly where the answer says so, and never without an entry before. */
function checkCalls(
  { calls }: House,
  { answer, entries }: { answer: string; entries: readonly Entry[] },
): void {
  const isCalling = entries.some(({ event }) => event === "calling");
  if (calls > 0 && !isCalling) throw new Error("Flink was called without an audit entry");
  if (calls > 0 !== /^(?:allowed, Flink is called|counted, Flink is called)$/u.test(answer))
    throw new Error(`${calls} calls to Flink, but the answer is: ${answer}`);
}

interface After {
  delivered: Delivered;
  entries: readonly Entry[];
}

const ruleOf = (entries: readonly Entry[], event: string): string | undefined => {
  const found = entries.find((entry) => entry.event === event);
  return found === undefined ? undefined : (found.detail.rule ?? found.detail.facts?.rule ?? "");
};

async function answerOf(house: House, { delivered, entries }: After): Promise<string> {
  const { heard } = delivered;
  const [asked] = await house.asked();
  const isCalled = entries.some(({ event }) => event === "calling");
  if (asked !== undefined) return askedAnswer(asked, { isCalled, rule: ruleOf(entries, "refused") });
  const clickRule = ruleOf(entries, "click refused");
  const isDetails = entries.some(({ detail }) => detail.kind === "details");
  if (clickRule !== undefined) return `${isDetails ? "not shown" : "not counted"}: ${clickRule}`;
  const rule = ruleOf(entries, "refused");
  if (rule !== undefined) return `refused: ${rule}`;
  switch (heard.is) {
    case "counted":
      if (entries.some(({ event }) => event === "void")) return "counted, then void: nothing is sent";
      return isCalled ? "counted, Flink is called" : "counted";
    case "form":
      return "the form opens";
    case "shown":
      return "shown";
    case "not counted":
      return unrecorded(heard.words);
    case "answered":
      return "allowed";
    case "accepted":
      return readAnswer(house);
    case "refused":
      return unrecorded(heard.words);
    case "later":
    case "nothing":
      return unrecorded(delivered.told);
  }
}

function askedAnswer(
  { class: is, end, state }: RequestRecord,
  { isCalled, rule }: { isCalled: boolean; rule: string | undefined },
): string {
  if (rule === "not_possible")
    throw new NotArranged(`it is not possible: ${end === null ? "" : plain(end.report.headline)}`);
  if (rule !== undefined) return rule === "too_late" ? "waits, then refused: too_late" : `refused: ${rule}`;
  if (state === "awaiting") return "asked: needs approval";
  if (isCalled) return "allowed, Flink is called";
  if (is === "view" && end === null) return "allowed";
  throw new NotArranged(`it is ${state}: ${end === null ? "" : plain(end.report.headline)}`);
}

/** Of a read, or of a change that is only imagined: what the worker answered. */
function readAnswer({ answers, isAgain }: House): string {
  const answer = answers.at(-1);
  if (answer === undefined && isAgain) return "it is the same request";
  if (answer === undefined) throw new NotArranged("it has no answer");
  if (!("refuse" in answer)) return "allowed";
  return unrecorded(plain(answer.refuse));
}

/** Refusals without an entry, by their words. */
const UNRECORDED: readonly [RegExp, string][] = [
  [/unknown here/u, "not counted: unknown request"],
  [/already suggested/u, "not counted: suggested before"],
  [/HTTP 401/u, "HTTP 401: nothing is read"],
  [/set aside/u, "not counted: forged record"],
  [/could not be checked/u, "not counted: it cannot be checked"],
  [/details cannot be shown/u, "not shown: it cannot be checked"],
  [/Slack does not answer/u, "no answer: it cannot be checked"],
  [/took too long|waited too long/u, "waits, then no answer"],
  [/more than 5 minutes/u, "nothing is done: too old"],
  [/Break-glass is never for/u, "nothing is done: never with break-glass"],
  [/no longer stored here/u, "not shown: unknown request"],
];

function unrecorded(words: string): string {
  const found = UNRECORDED.find(([pattern]) => pattern.test(words));
  if (found === undefined)
    throw new NotArranged(
      `it is refused without an audit entry: ${words}. If the policy refused it, the product has to log that`,
    );
  return found[1];
}

/** What people did, as the log tells it; what flinkops itself does afterwards is left out. */
function entryWords(entries: readonly Entry[], by: Somebody): string {
  const theirs = entries.filter(({ actor }) => actor !== null);
  const stranger = theirs.find(({ actor }) => actor !== by.actor.user);
  if (stranger !== undefined) throw new Error(`${stranger.event} is logged as done by ${stranger.actor}`);
  const words = theirs.map(({ event, detail }) =>
    event === "asked" && detail.breakGlass !== undefined ? "asked, with break-glass" : event,
  );
  return words.join(", ") || "none";
}
