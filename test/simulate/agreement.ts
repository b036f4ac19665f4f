import { hashed } from "../../src/policy/hash.ts";
import type { Policy, Rule } from "../../src/policy/policy.ts";
import type { RequestRecord, Vote } from "../../src/requests/record/record.ts";
import { aPolicy } from "../fakes/policy.ts";
import type { Random } from "./random.ts";
import { APPROVERS, OPERATORS } from "./slack-model.ts";

/** A policy, and what it comes to: the judge reads the parts, because the product's own reading of it may be wrong. */
export interface Terms {
  policy: Policy;
  /** How many distinct people must approve what destroys, and the operations of `also`. */
  needed: number;
  also: readonly string[];
  /** Operations that nobody may ask for. */
  refused: readonly string[];
  /** When nothing but savepoints and checkpoints may be started, ms since the epoch. */
  freeze: { from: number; until: number } | null;
  /** The set whose members may break the glass; null: nobody. */
  glass: "operate" | "approve" | null;
  /** Whether it is what the file says now; where not, nothing may be destroyed. */
  isLoaded: boolean;
}

/** Who has to agree at the beginning of a history, and who besides the usual people is there to try. */
export interface Agreement {
  terms: Terms;
  /** Second accounts of the usual people, all of them approvers. */
  others: readonly string[];
  /** Whether it changes meanwhile who may do what. */
  changes: boolean;
}

const SAME = [
  ["U0ANA00001", "U0ANAOTHER"],
  ["U0BEN00001", "U0BENOTHER"],
];
const ONE = aPolicy({
  operate: { groups: [OPERATORS], users: [] },
  approve: { groups: [APPROVERS], users: [] },
});
const USUAL: Terms = {
  policy: ONE,
  needed: 1,
  also: [],
  refused: [],
  freeze: null,
  glass: null,
  isLoaded: true,
};
/** Two approvers, who are reminded early, and operators who are mentioned after them. */
const TWO: Extract<Rule["verdict"], { is: "approve" }> = {
  is: "approve",
  from: [{ from: ["approve"], count: 2 }],
  within: null,
  remind: 30_000,
  escalate: { after: 45_000, to: "operate" },
};
/** How often it takes two. */
const TWO_SHARE = 0.12;
/** How often it changes who may do what. */
const CHANGES_SHARE = 0.35;
/** What a freeze does not stop. */
const SAFE: readonly string[] = ["savepoint", "checkpoint"];

/** Chance of its own, so that the other histories are as they were. */
export function agreementOf(random: Random, now: number): Agreement {
  const two = random.fork("agreement").happens(TWO_SHARE);
  const chance = random.fork("agreement changes");
  const changes = chance.happens(CHANGES_SHARE);
  const others = two || changes ? SAME.flatMap((accounts) => accounts.slice(1)) : [];
  if (changes) return { terms: someTerms(chance, now), others, changes };
  return { terms: two ? termsWith({ ...USUAL, needed: 2 }, TWO) : USUAL, others, changes };
}

/** Other terms than before, stricter or laxer. */
export function someTerms(chance: Random, now: number): Terms {
  const needed = chance.happens(0.4) ? 2 : 1;
  const begins = now + chance.whole(0, 60_000);
  const terms = {
    needed,
    also: chance.happens(0.3) ? ["scale", "restart", "savepoint"] : [],
    refused: chance.happens(0.25) ? [chance.pick(["stop", "cancel", "restart", "savepoint"])] : [],
    freeze: chance.happens(0.4) ? { from: begins, until: begins + chance.whole(2000, 40_000) } : null,
    glass: chance.happens(0.6) ? chance.pick(["operate", "approve"] as const) : null,
    isLoaded: true,
  };
  const from = [{ from: ["approve"], count: needed }];
  const verdict: Rule["verdict"] = {
    is: "approve",
    from,
    within: chance.happens(0.4) ? chance.whole(5000, 60_000) : null,
    remind: null,
    escalate: null,
  };
  return termsWith(terms, chance.happens(0.5) ? verdict : { ...TWO, from });
}

const rule = (name: string, match: Rule["match"], verdict: Rule["verdict"]): Rule => ({
  name,
  match,
  when: null,
  ask: ["operate"],
  verdict,
});

function termsWith(terms: Omit<Terms, "policy">, approve: Rule["verdict"]): Terms {
  const { also, refused, freeze, glass } = terms;
  const policy = hashed({
    ...ONE,
    same: SAME,
    rules: [
      ...(refused.length === 0
        ? []
        : [rule("refused", { operations: refused }, { is: "refuse", why: "Not at the moment." })]),
      ...(also.length === 0 ? [] : [rule("also", { operations: also }, approve)]),
      ...ONE.rules.map((r) => (r.verdict.is === "approve" ? { ...r, verdict: approve } : r)),
    ],
    breakGlass:
      glass === null
        ? []
        : [{ name: "night", match: {}, people: [glass], review: ["approve"], announce: null }],
    freezes:
      freeze === null
        ? []
        : [{ name: "sale", clusters: null, except: SAFE, why: null, window: { is: "once", ...freeze } }],
  });
  return { ...terms, policy };
}

/** The same after a newer policy could not be loaded. */
export const unloaded = (terms: Terms): Terms => ({
  ...terms,
  isLoaded: false,
  policy: { ...terms.policy, nothingDestructive: "The policy could not be loaded." },
});

/** The name under which people know an operation. */
const asTyped = ({ operation }: Pick<RequestRecord, "operation">): string =>
  operation.replace(/-(?:all|rehearsed)$/u, "");

/** Whether nobody may ask for it under these terms. */
export const isRefused = ({ refused }: Terms, record: RequestRecord): boolean =>
  refused.includes(asTyped(record));

/** Whether somebody else must approve it under these terms. */
export const needsApproval = ({ also }: Terms, record: RequestRecord): boolean =>
  record.class === "destructive" || also.includes(asTyped(record));

/** Whether nothing of this kind may be started at that time, ms. */
export const isFrozen = ({ freeze }: Terms, record: RequestRecord, at: number): boolean =>
  freeze !== null && at >= freeze.from && at < freeze.until && !SAFE.includes(asTyped(record));

/** How many people gave these votes, without the requester. */
export function peopleOf(
  votes: readonly Pick<Vote, "actor">[],
  { actor }: Pick<RequestRecord, "actor">,
): number {
  const people = new Set(votes.map((v) => personOf(v.actor.user)));
  people.delete(personOf(actor.user));
  return people.size;
}

/** One id for all accounts of a person. */
export const personOf = (user: string): string =>
  SAME.find((accounts) => accounts.includes(user))?.[0] ?? user;
