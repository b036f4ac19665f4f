import { oneAccount } from "../../src/policy/membership.ts";
import { hashed } from "../../src/policy/hash.ts";
import type { Policy } from "../../src/policy/policy.ts";
import type { RequestRecord, Vote } from "../../src/requests/record/record.ts";
import { aPolicy } from "../fakes/policy.ts";
import type { Random } from "./random.ts";
import { APPROVERS, OPERATORS } from "./slack-model.ts";

/** Who has to agree in a history, and who besides the usual people is there to try. */
export interface Agreement {
  policy: Policy;
  /** How many distinct people must approve what destroys. */
  needed: number;
  /** Second accounts of the usual people, all of them approvers. */
  others: readonly string[];
}

const SAME = [
  ["U0ANA00001", "U0ANAOTHER"],
  ["U0BEN00001", "U0BENOTHER"],
];
const ONE = aPolicy({
  operate: { groups: [OPERATORS], users: [] },
  approve: { groups: [APPROVERS], users: [] },
});
/** The same with two approvers, who are reminded early, and operators who are mentioned after them. */
const TWO = hashed({
  ...ONE,
  same: SAME,
  rules: ONE.rules.map((rule) =>
    rule.verdict.is !== "approve"
      ? rule
      : {
          ...rule,
          verdict: {
            ...rule.verdict,
            from: [{ from: ["approve"], count: 2 }],
            remind: 30_000,
            escalate: { after: 45_000, to: "operate" },
          },
        },
  ),
});
/** How often it takes two. */
const TWO_SHARE = 0.12;

/** Chance of its own, so that the other histories are as they were. */
export const agreementOf = (random: Random): Agreement =>
  random.fork("agreement").happens(TWO_SHARE)
    ? { policy: TWO, needed: 2, others: SAME.flatMap((accounts) => accounts.slice(1)) }
    : { policy: ONE, needed: 1, others: [] };

/** How many people gave these votes, without the requester. */
export function peopleOf(
  { policy }: Agreement,
  votes: readonly Pick<Vote, "actor">[],
  { actor }: Pick<RequestRecord, "actor">,
): number {
  const people = new Set(votes.map((v) => oneAccount(policy, v.actor.user)));
  people.delete(oneAccount(policy, actor.user));
  return people.size;
}
