import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { load, problems } from "./a-policy-file.ts";

const stop = { name: "stops", operations: ["stop"], ask: ["operators"], approve: [{ from: ["leads"] }] };

describe("a policy file", () => {
  it("becomes rules, with the sets inside sets resolved", () => {
    const config = load({
      same: [["U0123456789", "U0987654321"]],
      rules: [
        { ...stop, when: "change.drain", channels: ["C0123456789"], within: "30m", remind: "10m" },
        { name: "free", clusters: ["dev"], classes: ["operate", "destructive"], allow: true },
      ],
      freezes: [
        { name: "holidays", from: "2026-12-20T00:00", until: "2027-01-04T08:00", zone: "Europe/Berlin" },
        {
          name: "weekend",
          weekly: { from: "fri 16:00", until: "mon 08:00" },
          zone: "UTC",
          except: [],
          why: "rest",
        },
      ],
    });
    expect(config.policyFile.path).toBe("/etc/flinkops/policy.yml");
    expect(config.policy).toMatchObject({
      form: "rules",
      devClusters: ["dev"],
      people: { leads: { groups: ["S0123456789"], users: ["U0123456789"] } },
      rules: [
        {
          name: "stops",
          match: { operations: ["stop"], channels: ["C0123456789"] },
          when: { text: "change.drain" },
          ask: ["operators"],
          verdict: {
            is: "approve",
            from: [{ from: ["leads"], count: 1 }],
            within: 1_800_000,
            remind: 600_000,
            escalate: null,
          },
        },
        { name: "free", ask: null, when: null, verdict: { is: "allow" } },
      ],
      freezes: [
        {
          except: ["savepoint", "checkpoint"],
          window: {
            is: "once",
            from: Date.parse("2026-12-19T23:00Z"),
            until: Date.parse("2027-01-04T07:00Z"),
          },
        },
        { clusters: null, except: [], why: "rest", window: { is: "weekly", from: { day: 5, minute: 960 } } },
      ],
    });
  });

  it("does not pass a secret on that is in its words", () => {
    const { policy } = load({
      rules: [{ name: "never", refuse: "Ask us, password=hunter2-in-a-rule is void" }],
      freezes: [
        {
          name: "token=hunter2-in-a-name",
          weekly: { from: "fri 16:00", until: "mon 08:00" },
          zone: "UTC",
          why: "see https://svc:hunter2-in-a-freeze@wiki/freeze",
        },
      ],
    });
    expect(policy.rules[0]?.verdict).toEqual({ is: "refuse", why: "Ask us, password=*** is void" });
    expect(policy.freezes).toMatchObject([{ name: "token=***", why: "see https://***@wiki/freeze" }]);
  });

  it("takes the place of the few keys of the simple form", () => {
    const config = { people: { operate: { users: ["U0123456789"] } }, approvalAlso: ["scale"] };
    expect(problems({}, config)).toEqual([
      "- people: belongs into policy.yml, because `policy` names that file; move it there, or remove `policy`",
      "- approvalAlso: belongs into policy.yml, because `policy` names that file; move it there, or remove `policy`",
    ]);
  });

  it("has another hash as soon as anything in it decides differently", () => {
    const hashes = [{}, { rules: [stop] }, { rules: [{ ...stop, when: "change.drain" }] }].map(
      (policy) => load(policy).policy.hash,
    );
    expect(new Set(hashes).size).toBe(3);
    expect(load({ rules: [stop] }).policy.hash).toBe(hashes[1]);
  });

  it("is named where it cannot be read, and where it is not YAML", () => {
    expect(problems({}, { policy: "else.yml" })).toEqual([
      "- /etc/flinkops/else.yml: cannot be read; correct `policy` in the configuration",
    ]);
    expect(problems("rules: [\nhush").join()).toMatch(/policy\.yml, line 2: not YAML: /u);
    expect(problems("rules: [\nhush").join()).not.toContain("hush");
    expect(problems("rules: []\nrules: []")).toEqual([
      expect.stringContaining("line 2: not YAML: duplicate key"),
    ]);
  });
});

const rules = (...all: readonly object[]) => ({ rules: all });
const allow = { name: "all", allow: true };
const freeze = (more: object) => ({ freezes: [{ name: "f", ...more }] });
const of = (more: object) => ({ tests: [{ as: "member", say: "help", expect: "allow", ...more }] });

describe("is refused, in words:", () => {
  it.each<[string, object, string]>([
    ["an unknown key", { ruels: [] }, "ruels: is an unknown key; policy.example.yml shows all keys"],
    ["no rules", { rules: undefined }, "rules: is missing"],
    ["nobody in a set", { people: { a: {} } }, "people.a: names nobody"],
    [
      "an unknown set in a set",
      { people: { a: { sets: ["b"] } } },
      "people.a.sets: b is not one of the sets: a",
    ],
    [
      "sets in a circle",
      { people: { a: { sets: ["b"] }, b: { sets: ["a"], users: ["U0123456789"] } } },
      "people.a.sets: contains itself (a -> b -> a)",
    ],
    [
      "an account of two people",
      { same: [["U01", "U02A"].map((u) => `${u}XXX`), ["U01XXX", "U03XXX"]] },
      "same: U01XXX is listed twice",
    ],
    ["an account alone", { same: [["U01XXX"]] }, "same.0: must list at least 2"],
    [
      "an unknown set that may ask",
      rules({ ...stop, ask: ["opertors"] }),
      "rules.0 (stops).ask: opertors is not one of",
    ],
    [
      "an unknown set that approves",
      rules({ ...stop, approve: [{ from: ["boss"] }] }),
      "rules.0 (stops).approve.0.from: boss is not one of the sets of people: operators, leads, two",
    ],
    [
      "an unknown set to escalate to",
      rules({ ...stop, escalate: { after: "5m", to: "boss" } }),
      "rules.0 (stops).escalate.to: boss is not",
    ],
    [
      "an unknown operation",
      rules({ ...stop, operations: ["halt"] }),
      "rules.0 (stops).operations: halt is not one of the operations: details, help,",
    ],
    ["another word for one", rules({ ...stop, operations: ["resume"] }), "operations: resume is not one of"],
    [
      "a pattern of no cluster",
      rules({ ...stop, clusters: ["prod-*", "qa-*"] }),
      "rules.0 (stops).clusters: qa-* fits no configured cluster; they are prod-a, prod-b, dev",
    ],
    [
      "a name twice",
      rules(stop, { ...stop, clusters: ["dev"] }),
      "rules.1 (stops).name: an earlier rule has this name",
    ],
    [
      "a name of ours",
      rules({ ...stop, name: "default" }),
      "rules.0.name: is a name that flinkops uses itself",
    ],
    ["a name like ours", rules({ ...stop, name: "no_seal" }), "rules.0.name: may contain letters"],
    [
      "no verdict",
      rules({ name: "none" }),
      "rules.0 (none): has none of allow, refuse and approve; write exactly one of them",
    ],
    [
      "two verdicts",
      rules({ ...stop, allow: true }),
      "rules.0 (stops): has several of allow, refuse and approve",
    ],
    ["allow: false", rules({ name: "no", allow: false }), "rules.0.allow: must be true"],
    ["an approval of none", rules({ ...stop, approve: [] }), "rules.0.approve: must list at least 1"],
    [
      "a count of 0",
      rules({ ...stop, approve: [{ from: ["leads"], count: 0 }] }),
      "rules.0.approve.0.count: must be at least 1",
    ],
    [
      "a time limit without approval",
      rules({ ...allow, classes: ["view"], within: "5m" }),
      "rules.0 (all): within, remind and escalate are only for rules that approve",
    ],
    [
      "a reminder too late",
      rules({ ...stop, within: "5m", remind: "5m" }),
      "(stops).remind: must be shorter than within",
    ],
    [
      "an escalation too late",
      rules({ ...stop, within: "5m", escalate: { after: "6m", to: "two" } }),
      "(stops).escalate.after: must be shorter than within",
    ],
    [
      "a duration without unit",
      rules({ ...stop, within: "5" }),
      "rules.0.within: must be a duration with its unit",
    ],
    [
      "all classes allowed",
      rules(allow),
      "rules.0 (all): allows destructive requests without approval on prod-a, prod-b; write approve, or classes: [view, operate]",
    ],
    [
      "what destroys allowed",
      rules({ ...allow, operations: ["stop"] }),
      "without approval on prod-a, prod-b",
    ],
    [
      "the same, on a cluster that is not for development",
      rules({ ...allow, classes: ["destructive"], clusters: ["dev", "*-a"] }),
      "without approval on prod-a;",
    ],
    [
      "a condition that does not exist",
      rules({ ...stop, when: "change.drian" }),
      "rules.0 (stops).when: No such key: drian",
    ],
    [
      "a condition of another type",
      rules({ ...stop, when: "job.name" }),
      "must be true or false, but is string",
    ],
    [
      "more approvals than people",
      rules({ ...stop, approve: [{ from: ["two"], count: 3 }] }),
      "rules.0 (stops).approve: two list too few people; 1 more must be in them, or lower count",
    ],
    [
      "the same, of one person's accounts",
      {
        same: [["U0123456789", "U0987654321"]],
        rules: [{ ...stop, approve: [{ from: ["two"], count: 2 }] }],
      },
      "two list too few people; 1 more",
    ],
    [
      "one person for two approvals",
      rules({
        ...stop,
        approve: [
          { from: ["two"], count: 1 },
          { from: ["two"], count: 2 },
        ],
      }),
      "two list too few people; 1 more",
    ],
    [
      "a rule behind another",
      rules(stop, { ...stop, name: "later", clusters: ["prod-*"], when: "change.drain" }),
      'rules.1 (later): never decides, because rule "stops" before it match',
    ],
    [
      "a rule behind several",
      rules(
        { ...stop, clusters: ["prod-*"] },
        { ...stop, name: "other", clusters: ["dev"] },
        { ...stop, name: "later" },
      ),
      'rules.2 (later): never decides, because the rules "stops" and "other" before it match all its requests',
    ],
    [
      "a rule about nothing",
      rules({ ...stop, operations: ["list"], clusters: ["dev"] }),
      "rules.0 (stops): matches no request",
    ],
    [
      "an unknown time zone",
      freeze({ weekly: { from: "fri 16:00", until: "mon 08:00" }, zone: "Mars" }),
      "(f).zone: Mars is not a time zone",
    ],
    [
      "no time zone",
      freeze({ weekly: { from: "fri 16:00", until: "mon 08:00" } }),
      "freezes.0 (f).zone: is missing",
    ],
    [
      "an odd day",
      freeze({ weekly: { from: "frii 16:00", until: "mon 08:00" }, zone: "UTC" }),
      "(f).weekly.from: must be a day and a time",
    ],
    [
      "a moment that the clocks skip",
      freeze({ from: "2026-03-29T02:30", until: "2026-04-01T00:00", zone: "Europe/Berlin" }),
      "freezes.0 (f).from: must be a date and time that exists in Europe/Berlin",
    ],
    [
      "a moment without zone",
      freeze({ from: "2026-03-29T02:30", until: "2026-04-01T00:00Z" }),
      "(f).from: must be a date and time that exists, with its offset",
    ],
    [
      "an end before the start",
      freeze({ from: "2026-03-29T02:30Z", until: "2026-03-01T00:00Z" }),
      "(f).until: must be after from",
    ],
    [
      "half a freeze",
      freeze({ from: "2026-03-29T02:30Z" }),
      "freezes.0 (f): needs from and until, or weekly",
    ],
    [
      "a freeze of no cluster",
      freeze({ from: "2026-03-29T02:30Z", until: "2026-03-30T00:00Z", clusters: ["qa"] }),
      "freezes.0 (f).clusters: qa fits no",
    ],
    [
      "an exception of nothing",
      freeze({ from: "2026-03-29T02:30Z", until: "2026-03-30T00:00Z", except: ["halt"] }),
      "freezes.0 (f).except: halt is not",
    ],
    [
      "a test as a set that is not there",
      of({ as: "boss" }),
      "tests.0: boss is not one of the sets of people",
    ],
    ["a test at no time", of({ at: "tomorrow" }), "tests.0.at: must be a date and time with its offset"],
    [
      "a test that expects nonsense",
      of({ expect: "maybe" }),
      "tests.0.expect: must be allow, refuse, break-glass or { approve: [...] }",
    ],
  ])("%s", (_, policy, words) => {
    const found = problems(policy);
    expect(found[0]).toContain(`- policy.yml: `);
    expect(found[0]).toContain(words);
  });
});

it("allows destructive operations on clusters for development, and reads everywhere", () => {
  const free = { ...allow, clusters: ["dev"] };
  const reads = { name: "reads", operations: ["status", "logs"], allow: true };
  expect(problems(rules(free, reads))).toEqual([]);
});

it("loads policy.example.yml, on the clusters that it names", () => {
  const clusters = {
    "prod-payments": { url: "http://a" },
    "prod-risk": { url: "http://b" },
    sandbox: { url: "http://c", dev: true },
  };
  const config = load(readFileSync("policy.example.yml", "utf8"), { clusters });
  expect(config.policy.rules.length).toBeGreaterThan(4);
  expect(config.policyFile.tests.length).toBeGreaterThan(8);
});
