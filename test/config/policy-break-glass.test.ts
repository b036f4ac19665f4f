import { describe, expect, it } from "vitest";
import { load, problems } from "./a-policy-file.ts";

const rule = { name: "brakes", people: ["operators"], operations: ["cancel", "stop"], review: ["leads"] };
const glass = (...all: readonly object[]) => ({ breakGlass: all });

describe("rules for break-glass in a policy file", () => {
  it("are part of the policy and of its hash", () => {
    const few = { ...rule, clusters: ["prod-*"], announce: "C0123456789" };
    const { policy } = load(glass(few, { ...rule, name: "all" }));
    expect(policy.breakGlass).toEqual([
      {
        name: "brakes",
        match: { operations: ["cancel", "stop"], clusters: ["prod-*"] },
        people: ["operators"],
        review: ["leads"],
        announce: "C0123456789",
      },
      {
        name: "all",
        match: { operations: ["cancel", "stop"] },
        people: ["operators"],
        review: ["leads"],
        announce: null,
      },
    ]);
    expect(policy.hash).not.toBe(load({}).policy.hash);
  });

  it("are not there unless the file has some, nor in the simple form", () => {
    expect(load({}).policy.breakGlass).toEqual([]);
    expect(load({}, { policy: undefined }).policy.breakGlass).toEqual([]);
  });

  it("may have the name of a rule, because decisions tell them apart", () => {
    const reads = { name: "brakes", operations: ["status"], allow: true };
    expect(problems({ rules: [reads], ...glass(rule) })).toEqual([]);
  });

  it("may be reviewed by one person whom the rule does not name, or who is not the only one", () => {
    const people = { a: { users: ["U01A"] }, b: { users: ["U01B"] }, both: { users: ["U01A", "U01B"] } };
    const all = { people, rules: [] };
    expect(problems({ ...all, ...glass({ ...rule, people: ["a"], review: ["b"] }) })).toEqual([]);
    expect(problems({ ...all, ...glass({ ...rule, people: ["both"], review: ["b"] }) })).toEqual([]);
    expect(problems({ ...all, ...glass({ ...rule, people: ["a"], review: ["both"] }) })).toEqual([]);
  });

  it.each<[string, object, string]>([
    ["no operations", glass({ ...rule, operations: undefined }), "breakGlass.0.operations: is missing"],
    ["none at all", glass({ ...rule, operations: [] }), "breakGlass.0.operations: must list at least 1"],
    ["no reviewers", glass({ ...rule, review: [] }), "breakGlass.0.review: must list at least 1"],
    ["nobody who may", glass({ ...rule, people: undefined }), "breakGlass.0.people: is missing"],
    ["an unknown key", glass({ ...rule, jobs: ["a"] }), "breakGlass.0.jobs: is an unknown key"],
    ["a channel's name", glass({ ...rule, announce: "#ops" }), "breakGlass.0.announce: "],
    [
      "a start",
      glass({ ...rule, operations: ["stop", "run"] }),
      "breakGlass.0 (brakes).operations: break-glass is never for run; it may be for scale, savepoint, checkpoint, stop, cancel, rehearse, restart",
    ],
    [
      "the end of a savepoint",
      glass({ ...rule, operations: ["dispose"] }),
      "break-glass is never for dispose",
    ],
    ["a start from earlier state", glass({ ...rule, operations: ["rollback"] }), "never for rollback"],
    [
      "another word for a start",
      glass({ ...rule, operations: ["resume"] }),
      "operations: resume is not one of",
    ],
    ["a read", glass({ ...rule, operations: ["logs"] }), "break-glass is never for logs"],
    ["an operation that changes nothing", glass({ ...rule, operations: ["watch"] }), "never for watch"],
    [
      "an unknown operation",
      glass({ ...rule, operations: ["halt"] }),
      "(brakes).operations: halt is not one of",
    ],
    [
      "unknown people",
      glass({ ...rule, people: ["boss"] }),
      "breakGlass.0 (brakes).people: boss is not one of the sets",
    ],
    [
      "unknown reviewers",
      glass({ ...rule, review: ["boss"] }),
      "breakGlass.0 (brakes).review: boss is not one of the sets",
    ],
    ["no cluster", glass({ ...rule, clusters: ["qa-*"] }), "breakGlass.0 (brakes).clusters: qa-* fits no"],
    [
      "a name twice",
      glass(rule, { ...rule, operations: ["scale"] }),
      "breakGlass.1 (brakes).name: an earlier rule",
    ],
    [
      "a name of ours",
      glass({ ...rule, name: "default" }),
      "breakGlass.0.name: is a name that flinkops uses itself",
    ],
    [
      "a rule with the name of one in decisions",
      { rules: [{ name: "break-glass brakes", operations: ["status"], allow: true }] },
      "rules.0.name: is a name that flinkops uses itself",
    ],
    [
      "only the person to review it",
      { people: { a: { users: ["U01A"] } }, ...glass({ ...rule, people: ["a"], review: ["a"] }) },
      "breakGlass.0 (brakes).review: a list one person only, who cannot review their own use; add someone else",
    ],
    [
      "the same with two accounts",
      {
        people: { a: { users: ["U01A"] }, b: { users: ["U01B"] } },
        same: [["U01A", "U01B"]],
        ...glass({ ...rule, people: ["a"], review: ["b"] }),
      },
      "breakGlass.0 (brakes).review: b list one person only",
    ],
    [
      "a rule that never decides",
      glass(rule, { ...rule, name: "later", operations: ["stop"], people: ["leads"] }),
      'breakGlass.1 (later): never decides, because "brakes" before it match all its requests',
    ],
    [
      "a test as it cannot end",
      { tests: [{ as: "member", say: "help", expect: "break glass" }] },
      "tests.0.expect: must be allow, refuse, break-glass or { approve: [...] }",
    ],
  ])("do not load with %s", (_, policy, words) => {
    expect(problems(policy)[0]).toContain(`- policy.yml: `);
    expect(problems(policy)[0]).toContain(words);
  });
});
