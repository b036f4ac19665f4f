import type { PeopleSet, Policy, Rule } from "./policy.ts";

/** The simple form of a policy: three sets of people, and the operations that need approval besides. */
export interface SimplePolicy {
  /** Null: every full member may use view operations. */
  view: PeopleSet | null;
  /** Null: nobody may make changes. */
  operate: PeopleSet | null;
  /** Null: nobody may approve, so operations that need approval are refused. */
  approve: PeopleSet | null;
  /** Names of non-destructive operations that need approval as well. */
  approvalAlso: readonly string[];
}

const forOperators = (name: string, match: Rule["match"], verdict: Rule["verdict"]): Rule => ({
  name,
  match,
  when: null,
  ask: ["operate"],
  verdict,
});

/** The sets and rules that the simple form stands for. */
export function expand({
  view,
  operate,
  approve,
  approvalAlso,
}: SimplePolicy): Pick<Policy, "form" | "people" | "rules" | "breakGlass"> {
  const approval: Rule["verdict"] = {
    is: "approve",
    from: [{ from: ["approve"], count: 1 }],
    within: null,
    remind: null,
    escalate: null,
  };
  const changes: readonly Rule[] = [
    forOperators("destructive", { classes: ["destructive"] }, approval),
    ...(approvalAlso.length === 0
      ? []
      : [forOperators("approvalAlso", { classes: ["operate"], operations: approvalAlso }, approval)]),
    forOperators("operate", { classes: ["operate"] }, { is: "allow" }),
    // approvers lift the locks of others, and need not be operators
    {
      ...forOperators("lock", { classes: ["lock"] }, { is: "allow" }),
      ask: approve === null ? ["operate"] : ["operate", "approve"],
    },
  ];
  const everyone: Rule = {
    name: "view",
    match: { classes: ["view"] },
    when: null,
    ask: view === null ? null : ["view"],
    verdict: { is: "allow" },
  };
  return {
    form: "simple",
    people: {
      ...(view !== null && { view }),
      ...(operate !== null && { operate }),
      ...(approve !== null && { approve }),
    },
    rules: [everyone, ...(operate === null ? [] : changes)],
    breakGlass: [],
  };
}
