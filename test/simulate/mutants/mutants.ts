/** A fault, of which most were once in the product, written into it: the simulator has to see it. */
export interface Mutant {
  name: string;
  /** Of the rules in ../judge.ts: which sees it. */
  rules: readonly string[];
  /** Each text occurs in its file exactly once. */
  patches: readonly { file: string; from: string; to: string }[];
  /** People ask for little else, where what it takes is rare otherwise: how the command begins. */
  asks?: string;
}

const NOT_LISTED_IS_ENDED: Mutant["patches"] = [
  {
    file: "src/operations/phases/unreachable.ts",
    from: 'if (seen.is !== "absent" || !isLongAbsent(seen, absentFor)) return false;',
    to: 'if (absentFor >= 0) return seen.is === "absent";',
  },
  {
    file: "src/operations/restart/phases.ts",
    from: "if (completed !== 0)",
    to: "if (completed !== null && completed > 0)",
  },
];

export const mutants: readonly Mutant[] = [
  {
    name: "a bound job that is gone is looked up by its name",
    rules: ["a"],
    patches: [
      {
        file: "src/job-cache/find.ts",
        from: "const found = jobs.find((j) => j.jobId === bound.jobId);",
        to: "const found = jobs.find((j) => j.jobId === bound.jobId) ?? jobs.find((j) => !isTerminal(j.state) && j.name === bound.name);",
      },
    ],
  },
  {
    name: "a checkpoint that is not known has the age of its newest sibling",
    rules: ["a"],
    patches: [
      {
        file: "src/operations/plans/start-state.ts",
        from: "return unknownState(from);\n  const parsed",
        to: "return { ...unknownState(from), needsAnother: null };\n  const parsed",
      },
    ],
  },
  {
    name: "a brake knows one id",
    rules: ["d"],
    patches: [
      {
        file: "src/model/lineage.ts",
        from: "for (const request of requests.toReversed()) {",
        to: "for (const request of requests.slice(0, 0)) {",
      },
    ],
  },
  {
    // a start looks for other jobs of its name itself, so it takes the next one as well for a second job to run
    name: "not listed is ended",
    rules: ["b", "h"],
    patches: NOT_LISTED_IS_ENDED,
  },
  {
    name: "not listed is ended, at the start of the next job too",
    rules: ["b"],
    asks: "rollback",
    patches: [
      ...NOT_LISTED_IS_ENDED,
      {
        file: "src/operations/plans/predecessors.ts",
        from: 'if (seen.is === "absent" && !isLongAbsent(seen, absentFor))',
        to: 'if (seen.is === "absent" && absentFor < 0)',
      },
    ],
  },
  {
    name: "one JobManager behind an address, and what was never sent needs proof",
    rules: ["d"],
    patches: [
      {
        file: "src/flink/effects/run.ts",
        from: 'if (sent === "no") return { is: "not" };',
        to: "void sent;",
      },
      { file: "src/flink/facts/processes.ts", from: "const SAMPLES = 4;", to: "const SAMPLES = 1;" },
      { file: "src/flink/facts/processes.ts", from: "if (before !== -1)", to: "if (before < -1)" },
    ],
  },
  {
    name: "all posts stand in one line",
    rules: ["f"],
    patches: [
      {
        file: "src/slack/turns.ts",
        from: "rank: lanes.indexOf(lane),",
        to: "rank: 0 * lanes.indexOf(lane),",
      },
    ],
  },
  {
    name: "a request that is approved waits for its mention",
    rules: ["f", "d", "g"],
    patches: [
      {
        file: "src/requests/steps/close.ts",
        from: "cards.messages.length === 0 ?",
        to: 'cards.messages.length === 0 || (record.approval !== null && !cards.said.has("approval wanted")) ?',
      },
    ],
  },
  {
    name: "a request is as old as the bot's clock says",
    rules: ["d"],
    patches: [
      {
        file: "src/queue/accept.ts",
        from: "askedAt: glance.now,",
        to: "askedAt: options.clock.now(),",
      },
    ],
  },
  {
    name: "whoever wakes late ends the lease of the next one",
    rules: ["c"],
    asks: "checkpoint",
    patches: [
      {
        file: "src/requests/steps/deliver.ts",
        from: "if (run.lease?.holder !== ours?.holder || run.lease?.until !== ours?.until) return null;",
        to: "void ours;",
      },
    ],
  },
  {
    name: "a vote counted twice",
    rules: ["a"],
    patches: [
      {
        file: "src/requests/steps/vote.ts",
        from: "if (voted !== null) return",
        to: "if (voted !== null && now < 0) return",
      },
      {
        file: "src/policy/approval.ts",
        from: "    const one = oneAccount(policy, user);",
        to: "    const one = `${oneAccount(policy, user)} ${people.size}`;",
      },
    ],
  },
  {
    name: "self-approval through a second account",
    rules: ["a"],
    patches: [
      {
        file: "src/policy/approval.ts",
        from: "if (oneAccount(policy, person.user) === oneAccount(policy, requester))",
        to: "if (person.user === requester)",
      },
    ],
  },
  {
    name: "a freeze is not asked at the start",
    rules: ["a"],
    patches: [
      {
        file: "src/requests/steps/recheck.ts",
        from: "  return decidePast(engine.policy, question, inTheWay(lock, intent));",
        to: "  return decidePast({ ...engine.policy, freezes: [] }, question, inTheWay(lock, intent));",
      },
    ],
  },
  {
    name: "who has voted is not looked up again",
    rules: ["a"],
    patches: [
      {
        file: "src/requests/steps/approvers.ts",
        from: '(person) => voteRefusal(policy, requirements, { person, requester }).is === "may",',
        to: "(person) => person.user !== requester,",
      },
      {
        file: "src/requests/steps/approvers.ts",
        from: "in: setsWith(policy, requirements, person),",
        to: "in: sets,",
      },
    ],
  },
  {
    name: "who has asked is not looked up again",
    rules: ["a"],
    patches: [
      {
        file: "src/requests/steps/recheck.ts",
        from: 'if (decision.is === "refuse") return mayNot(decision.why);',
        to: 'if (decision.is === "refuse") return decision.rule === "destructive" ? MAY : mayNot(decision.why);',
      },
    ],
  },
  {
    name: "rules that have come to ask for more",
    rules: ["a"],
    patches: [
      {
        file: "src/requests/steps/recheck.ts",
        from: "return isSameAs(agreedOn, requirements) ? MAY : await holds(requirements);",
        to: "return isSameAs(agreedOn, requirements) ? MAY : await holds(agreedOn);",
      },
    ],
  },
  {
    name: "a policy that cannot be loaded matters to new requests only",
    rules: ["a"],
    patches: [
      {
        file: "src/requests/steps/recheck.ts",
        from: "  return decidePast(engine.policy, question, inTheWay(lock, intent));",
        to: "  const { nothingDestructive: _, ...policy } = engine.policy;\n  return decidePast(policy, question, inTheWay(lock, intent));",
      },
    ],
  },
  {
    name: "a vote under another policy",
    rules: ["a"],
    patches: [
      {
        file: "src/requests/steps/vote.ts",
        from: "decided.policy !== policy.hash)",
        to: 'decided.policy === "")',
      },
    ],
  },
  {
    name: "a vote after the end of its time",
    rules: ["a"],
    patches: [
      {
        file: "src/requests/steps/vote.ts",
        from: "if (now >= approval.expiresAt)",
        to: "if (now >= approval.expiresAt + 60_000)",
      },
    ],
  },
  {
    name: "a lock is looked for when something is asked, and not in the commit",
    rules: ["a"],
    patches: [
      {
        file: "src/requests/steps/locked.ts",
        from: "? { unlocked: { scopes: scopesOf(target), accounts: accountsOf(policy, actor.user) } }",
        to: "? {}",
      },
    ],
  },
  {
    name: "a lock holds at the start only",
    rules: ["a"],
    patches: [
      {
        file: "src/requests/steps/enter-phase.ts",
        from: "isFirst(operation, run) ? undefined : operation.phases[run.phase]?.finishes;",
        to: "isFirst(operation, run) ? undefined : () => true;",
      },
    ],
  },
  {
    name: "a rehearsal leaves the job half done, so that a restart may finish under a lock",
    rules: ["a"],
    patches: [
      {
        file: "src/operations/restart/change.ts",
        from: "    finishes: () => false,\n    observe: observeStop,",
        to: "    finishes: () => true,\n    observe: observeStop,",
      },
    ],
  },
  {
    name: "a second use of break-glass before the review of the first",
    rules: ["a"],
    asks: "stop orders --break-glass",
    patches: [
      {
        file: "src/requests/steps/begin.ts",
        from: "const take = next.breakGlass === undefined ? [] : [next.breakGlass.claim];",
        to: "const take: string[] = [];",
      },
    ],
  },
  {
    name: "a review through a second account",
    rules: ["a"],
    patches: [
      {
        file: "src/policy/approval.ts",
        from: "if (oneAccount(policy, person.user) === oneAccount(policy, requester))",
        to: 'if (to === "approve" && oneAccount(policy, person.user) === oneAccount(policy, requester))',
      },
    ],
  },
  {
    name: "break-glass starts before it is announced",
    rules: ["a"],
    asks: "stop orders --break-glass",
    patches: [
      {
        file: "src/requests/steps/close.ts",
        from: "isAnnounced(record, cards);",
        to: '{ is: "yes" as const };',
      },
    ],
  },
  {
    name: "a rehearsal that is not listed has ended",
    rules: ["h"],
    patches: [
      {
        file: "src/operations/rehearse/phases.ts",
        from: "if (isOutOfTheWay(seen, { accepted: c.processes, absentFor })) return toDispose(c, null);",
        to: 'if (seen.is !== "alive" || isOutOfTheWay(seen, { accepted: c.processes, absentFor })) return toDispose(c, null);',
      },
    ],
  },
  {
    name: "a brake ends the job and not its rehearsal",
    rules: ["h"],
    patches: [
      {
        file: "src/model/lineage.ts",
        from: "(started.isRehearsal === true ? rehearsals : follows)",
        to: "(started.isRehearsal === true ? rehearsals && false : follows)",
      },
    ],
  },
  {
    name: "a rehearsal has the name that its program gives it",
    rules: ["h"],
    patches: [
      {
        file: "src/operations/plans/preflight.ts",
        from: "if (name !== expected)",
        to: "if (as === undefined && name !== expected)",
      },
    ],
  },
  {
    name: "a job is stopped for a version whose rehearsal failed",
    rules: ["h"],
    patches: [
      {
        file: "src/operations/restart/rehearsed-restart.ts",
        from: 'if (seen.is === "healthy" && left === null)',
        to: 'if (seen.is !== "unknown" && left === null)',
      },
    ],
  },
  {
    name: "a rehearsal that others have cancelled has failed",
    rules: ["h"],
    patches: [
      {
        file: "src/operations/rehearse/phases.ts",
        from: 'return state === "CANCELLING" || state === "CANCELED";',
        to: "return state === null;",
      },
    ],
  },
  {
    name: "values in Redis are believed",
    rules: ["e", "a"],
    patches: [{ file: "src/platform/seal.ts", from: "    return why;\n", to: '    return "ours";\n' }],
  },
];
