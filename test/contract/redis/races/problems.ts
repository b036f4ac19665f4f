import { isDeepStrictEqual } from "node:util";
import type { Ending } from "../../../../src/requests/record/record.ts";
import { fills, isFlaky, OTHER_ACCOUNT, personOf, REQUESTER, setsOf } from "./cast.ts";
import type { Answered, Outcome } from "./round.ts";

/** The entry that each ending has in the audit log. */
const EVENT_OF: Readonly<Record<Ending, string>> = {
  refused: "refused",
  denied: "denied",
  expired: "expired",
  withdrawn: "withdrawn",
  void: "void",
  superseded: "superseded",
  ran: "ended",
};
const MOST_SUGGESTIONS = 5;

/** What must not be, in words; empty: record, audit log, effects and answers tell one story. */
export function problems(outcome: Outcome): readonly string[] {
  return [
    ...ofTheDecision(outcome),
    ...ofTheVotes(outcome),
    ...ofTheAnswers(outcome),
    ...ofTheRefusals(outcome),
  ];
}

const unless = (holds: boolean, words: string): readonly string[] => (holds ? [] : [words]);
const same = (what: string, a: unknown, b: unknown): readonly string[] =>
  unless(isDeepStrictEqual(a, b), `${what}: ${JSON.stringify(a)} and ${JSON.stringify(b)}`);

const counted = ({ answers }: Outcome, what: Answered["press"]["what"]): readonly string[] =>
  answers.filter((a) => a.counted && a.press.what === what).map(({ press }) => press.user);

const approvers = ({ record }: Outcome): readonly string[] =>
  (record.approval?.votes ?? []).filter((v) => v.kind === "approve").map((v) => v.actor.user);
const actors = ({ entries }: Outcome, event: string): readonly (string | null)[] =>
  entries.filter((e) => e.event === event).map((e) => e.actor);

/** One ending, in the record and in the audit log, and the effect only where it was approved. */
function ofTheDecision(outcome: Outcome): readonly string[] {
  const { record, entries, sent, plan, now } = outcome;
  const ending = record.end?.ending ?? null;
  const ends = entries.filter((e) => Object.values(EVENT_OF).includes(e.event));
  const isApproved = record.startBy !== null;
  const isOver = record.state === "ended";
  const isStillOpen = record.state === "awaiting" && plan.expiresIn === null;
  const late = entries.filter(
    (e) => (e.event === "approved" || e.event === "denied") && e.at >= (record.approval?.expiresAt ?? 0),
  );
  return [
    ...unless(isOver || isStillOpen, `it is ${record.state}`),
    ...unless(isOver === (ending !== null), `${record.state} and its ending is ${ending}`),
    ...same(
      "endings in the log and in the record",
      ends.map((e) => e.event),
      ending === null ? [] : [EVENT_OF[ending]],
    ),
    ...unless(isApproved || ending !== "ran", "it ran without approval"),
    ...unless(["ran", "denied", "expired", "withdrawn", null].includes(ending), `it ended ${ending}`),
    ...unless(!(isApproved && (ending === "denied" || ending === "expired")), `approved and ${ending}`),
    ...same("effects sent", sent, ending === "ran" ? 1 : 0),
    ...same("effects in the log", actors(outcome, "calling").length, sent),
    ...unless(ending !== "expired" || now >= (record.approval?.expiresAt ?? 0), "it expired early"),
    ...unless(late.length === 0, "a vote counted after the deadline"),
  ];
}

/** Every vote is one person's, of those who may vote, and the last one is the one that was still needed. */
function ofTheVotes(outcome: Outcome): readonly string[] {
  const { record, plan } = outcome;
  const { approval } = record;
  const votes = approval?.votes ?? [];
  const voters = votes.map((v) => v.actor.user);
  const people = new Set(voters.map(personOf));
  const asked = [...new Set(plan.terms.lists.flatMap((list) => list.flatMap((r) => r.from)))];
  const entitled = (user: string): readonly string[] => asked.filter((name) => setsOf(user).includes(name));
  const approved = approvers(outcome);
  const isApproved = record.startBy !== null;
  // with one place for everyone, each vote is needed
  const isOneSet = plan.terms.lists.length === 1 && plan.terms.lists[0]?.length === 1;
  return [
    ...unless(people.size === voters.length, `somebody voted twice: ${voters.join(", ")}`),
    ...unless(!people.has(personOf(REQUESTER)), "the requester voted"),
    ...votes.flatMap((v) => same(`sets of ${v.actor.user}`, v.in, entitled(v.actor.user))),
    ...unless(
      voters.every((user) => entitled(user).length > 0),
      "somebody voted who may not",
    ),
    ...unless(
      votes.every((v) => v.digest === approval?.digest),
      "somebody voted on another card",
    ),
    ...same("approved, and all places are filled", isApproved, fills(plan.terms, approved)),
    ...unless(!fills(plan.terms, approved.slice(0, -1)), "more people approved than were needed"),
    ...unless(!isOneSet || approved.length <= (approval?.needed ?? 0), `${approved.length} approvals`),
    ...same(
      "votes in the record and in the log",
      voters,
      outcome.entries.filter((e) => e.event === "approved" || e.event === "denied").map((e) => e.actor),
    ),
    ...same(
      "denials in the record and in the log",
      votes.filter((v) => v.kind === "deny").map((v) => v.actor.user),
      actors(outcome, "denied"),
    ),
    ...same(
      "suggestions in the record and in the log",
      (record.suggestions ?? []).map((s) => s.actor.user),
      actors(outcome, "suggested"),
    ),
    ...unless((record.suggestions ?? []).length <= MOST_SUGGESTIONS, "too many suggestions"),
  ];
}

const sorted = (users: readonly (string | null)[]): readonly string[] =>
  users.map(String).sort((a, z) => (a < z ? -1 : 1));

/** Whoever was told that a press counts is in the log, once for each press, and nobody else is. */
function ofTheAnswers(outcome: Outcome): readonly string[] {
  const { answers, plan, record } = outcome;
  const pairs = [
    ["approve", "approved"],
    ["deny", "denied"],
    ["withdraw", "withdrawn"],
    ["suggest", "suggested"],
  ] as const;
  const approvals = answers.filter((a) => a.counted && a.press.what === "approve");
  const complete = approvals.filter((a) => a.told === "").map(({ press }) => press.user);
  return [
    ...same(
      "presses and answers",
      answers.map((a) => a.press),
      plan.presses,
    ),
    ...pairs.flatMap(([what, event]) =>
      same(`${what}: told and logged`, sorted(counted(outcome, what)), sorted(actors(outcome, event))),
    ),
    // all others are told what is still needed
    ...same(
      "whose approval was the last",
      complete,
      record.startBy === null ? [] : approvers(outcome).slice(-1),
    ),
    ...unless(
      approvals.every((a) => a.told === "" || a.told.startsWith("Your approval counts. Still needed: ")),
      "an approval was told something else",
    ),
    ...answers.flatMap((a) =>
      unless(a.counted || isTrue(outcome, a), `${a.press.user} was told "${a.told}" of ${a.press.what}`),
    ),
  ];
}

/** Whether a press did not count for the reason that the person was told. */
function isTrue(outcome: Outcome, { press, told }: Answered): boolean {
  const { record, plan, now } = outcome;
  const { user, what, old } = press;
  const votes = record.approval?.votes ?? [];
  const reasons: readonly (readonly [string, boolean])[] = [
    ["Your click could not be checked", isFlaky(user)],
    ["Too late: ", record.state !== "awaiting"],
    ["This request has expired", now >= (record.approval?.expiresAt ?? 0)],
    ["You have already voted", votes.some((v) => personOf(v.actor.user) === personOf(user))],
    ["You are not allowed to approve this", !plan.terms.lists.flat().some((r) => isIn(user, r.from))],
    ["You requested this, so", user === REQUESTER && what !== "withdraw"],
    ["You requested this with your other account", user === OTHER_ACCOUNT && what !== "withdraw"],
    ["Only @U0ANA00001, who requested it", what === "withdraw" && user !== REQUESTER],
    ["This button belongs to another version", old === "card"],
    ["The policy has changed", old === "policy" && what === "approve"],
    ["This request has 5 suggestions already", what === "suggest"],
    [
      "You have already suggested this",
      what === "suggest" && (record.suggestions ?? []).some((s) => s.actor.user === user),
    ],
  ];
  return reasons.some(([words, holds]) => holds && told.startsWith(words));
}

const isIn = (user: string, names: readonly string[]): boolean =>
  setsOf(user).some((name) => names.includes(name));

/** Each press that was judged and did not count is counted in Redis, and the first of its kind is in the log. */
function ofTheRefusals(outcome: Outcome): readonly string[] {
  const { answers, refused, entries } = outcome;
  const judged = answers.filter(
    (a) =>
      !a.counted &&
      !a.told.startsWith("Your click could not be checked") &&
      // refused for the number alone or as a repetition, not because of who pressed
      !/^(?:This request has 5|You have already suggested)/u.test(a.told),
  );
  const logged = entries.filter((e) => e.event === "click refused");
  const kinds = new Set(logged.map((e) => JSON.stringify([e.actor, e.detail["kind"], e.detail["rule"]])));
  return [
    ...same("presses refused and counted", judged.length, refused),
    ...unless(
      logged.every((e) => judged.some((a) => a.press.user === e.actor)),
      "a refusal of nobody",
    ),
    ...same("kinds of refusals in the log", kinds.size, logged.length),
  ];
}
