import type { Askable } from "../../src/policy/askable.ts";
import { expand, type SimplePolicy } from "../../src/policy/expand.ts";
import { hashed } from "../../src/policy/hash.ts";
import type { PeopleSet, Policy, Requirement, Rule } from "../../src/policy/policy.ts";

/** The simple form of a policy, and the channels shared with others. Nobody is named unless a test says otherwise. */
export interface SimpleForm extends SimplePolicy {
  externalChannels: readonly string[];
  noChanges?: string;
}

/** The policy that the simple form stands for. */
export function aPolicy({ externalChannels = [], noChanges, ...simple }: Partial<SimpleForm> = {}): Policy {
  return hashed({
    ...expand({ view: null, operate: null, approve: null, approvalAlso: [], ...simple }),
    same: [],
    freezes: [],
    devClusters: [],
    externalChannels,
    ...(noChanges !== undefined && { noChanges }),
  });
}

/** The policy with other approvers. */
export const withApprovers = (policy: Policy, approve: PeopleSet | null): Policy => {
  const { view = null, operate = null } = policy.people;
  return aPolicy({ view, operate, approve, externalChannels: policy.externalChannels });
};

/** What one approval by the set `approve` takes. */
export const ONE_APPROVER = [[{ from: ["approve"], count: 1 }]];

/** A policy of rules. Every operator may ask for everything that changes something, and needs these approvals. */
export function asking(
  from: readonly Requirement[],
  {
    people,
    same = [],
    rules = [],
    breakGlass = [],
  }: Partial<Pick<Policy, "people" | "same" | "rules" | "breakGlass">> = {},
): Policy {
  const verdict: Rule["verdict"] = { is: "approve", from, within: null, remind: null, escalate: null };
  const match = { classes: ["operate", "destructive"] } as const;
  return hashed({
    form: "rules",
    people: people ?? {},
    same,
    rules: [...rules, { name: "changes", match, when: null, ask: ["operate"], verdict }],
    freezes: [],
    breakGlass,
    devClusters: [],
    externalChannels: [],
  });
}

/** Operations that change something, as far as the policy is concerned. */
export const changesNamed = (...names: readonly string[]): readonly Askable[] =>
  names.map((name) => ({
    name,
    classes: ["operate", "destructive"],
    onCluster: "always",
    is: "change",
    fitForBreakGlass: true,
  }));
