import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { stringify } from "yaml";
import { parseArguments } from "../src/cli-arguments.ts";
import { operations } from "../src/operations/index.ts";
import { askable } from "../src/policy/askable.ts";
import type { OnPolicy } from "../src/policy-arguments.ts";
import { policyCommand } from "../src/policy-command.ts";

const CLUSTERS = {
  "prod-payments": { url: "http://a", changes: true },
  "prod-risk": { url: "http://b", changes: true },
  sandbox: { url: "http://c", changes: true, dev: true },
};
const EXAMPLE = readFileSync("policy.example.yml", "utf8");

/** Without an environment: no secret is needed to test a policy. */
function run(words: readonly string[], policy: string = EXAMPLE, config: object = {}) {
  const asked = parseArguments(["policy", ...words, "--config", "c.yml"]);
  if (!isOnPolicy(asked)) throw new Error(JSON.stringify(asked));
  const printed: string[] = [];
  const files: Record<string, string> = {
    "c.yml": stringify({
      policy: "/p.yml",
      clusters: CLUSTERS,
      slack: { botToken: { file: "/not/there" } },
      ...config,
    }),
    "/p.yml": policy,
  };
  const code = policyCommand(asked, {
    env: {},
    readFile: (path) => files[path] ?? missing(path),
    operations: askable(operations),
    print: (text) => void printed.push(...text.split("\n")),
    complain: (text) => void printed.push(...text.split("\n").map((line) => `err: ${line}`)),
    now: () => Date.parse("2026-05-05T10:00Z"),
  });
  return { code, printed };
}
const isOnPolicy = (asked: { do: string }): asked is OnPolicy => asked.do.startsWith("policy ");
const missing = (path: string): never => {
  throw new Error(`no such file: ${path}`);
};

it("runs the tests of policy.example.yml, one line each", () => {
  const { code, printed } = run(["test"]);
  expect(printed.filter((line) => !line.startsWith("ok    "))).toEqual(["14 tests, all passed"]);
  expect(code).toBe(0);
});

const withTest = (test: object): string =>
  stringify({
    people: { operators: { groups: ["S01"] }, leads: { users: ["U01", "U02"] }, boss: { users: ["U03"] } },
    rules: [
      { name: "free", clusters: ["sandbox"], ask: ["operators"], allow: true },
      {
        name: "big",
        operations: ["scale"],
        when: "change.parallelism.to > 64",
        channels: ["C01"],
        ask: ["operators"],
        approve: [{ from: ["leads"], count: 2 }, { from: ["boss"] }],
      },
      { name: "ends", classes: ["destructive"], refuse: "Never." },
      { name: "gold", when: 'has(job.labels.tier) && job.labels.tier == "gold"', refuse: "Not gold." },
      {
        name: "locks",
        classes: ["lock"],
        jobs: ["lim*"],
        clusters: ["prod-*"],
        ask: ["operators"],
        allow: true,
      },
      { name: "rest", classes: ["operate"], ask: ["operators"], allow: true },
    ],
    freezes: [{ name: "may", from: "2026-05-01T00:00Z", until: "2026-05-02T00:00Z", why: "holiday" }],
    breakGlass: [
      { name: "brakes", people: ["operators"], operations: ["cancel", "scale"], review: ["leads"] },
    ],
    tests: [{ as: "operators", ...test }],
  });
const scale = {
  say: "scale prod-risk/orders 100",
  with: { change: { parallelism: { to: 100 } } },
  in: "C01",
};
const both = [{ from: ["boss"] }, { from: ["leads"], count: 2 }];

it.each<[string, object, string | null]>([
  ["approvals, in any order", { ...scale, expect: { approve: both } }, null],
  [
    "other approvals",
    { ...scale, expect: { approve: [{ from: ["leads"], count: 1 }] } },
    'expected approval by 1 of leads, got approval by 1 of boss and 2 of leads by rule "big": Rule big asks for',
  ],
  ["another channel", { ...scale, in: "C02", expect: "allow", rule: "rest" }, null],
  [
    "a change of which nothing is known",
    { ...scale, with: {}, expect: "refuse", because: "has no answer" },
    null,
  ],
  [
    "another rule",
    { ...scale, in: "C02", expect: "allow", rule: "free" },
    'expected rule "free", got "rest"',
  ],
  [
    "another reason",
    { say: "stop prod-risk/orders", expect: "refuse", because: "Ask" },
    'expected the reason to contain "Ask", got "Never."',
  ],
  [
    "what is refused",
    { say: "stop prod-risk/orders", expect: "allow" },
    'expected allow, got refuse by rule "ends": Never.',
  ],
  [
    "another class",
    { say: "run prod-risk/orders", with: { class: "destructive" }, expect: "refuse", rule: "ends" },
    null,
  ],
  [
    "a class that the operation never has",
    { say: "status prod-risk/orders", with: { class: "destructive" }, expect: "refuse" },
    "status is never of class destructive",
  ],
  ["another word for an operation", { say: "resume prod-risk/orders", expect: "allow", rule: "rest" }, null],
  ["many jobs", { say: "stop --all --cluster prod-risk", expect: "refuse", rule: "ends" }, null],
  ["labels of the catalog", { say: "savepoint prod-risk/gilded", expect: "refuse", rule: "gold" }, null],
  ["labels of the test", { say: "savepoint prod-risk/gilded", with: { labels: {} }, expect: "allow" }, null],
  [
    "a local answer",
    { as: "member", say: "list --cluster prod-risk", expect: "allow", rule: "default" },
    null,
  ],
  ["a lock of a job", { say: "lock prod-risk/limits leak", expect: "allow", rule: "locks" }, null],
  ["a lock of another job", { say: "unlock prod-risk/orders", expect: "refuse", rule: "default" }, null],
  ["a lock of a cluster", { say: "lock prod-risk maintenance", expect: "refuse", rule: "default" }, null],
  ["a lock of a job on any cluster", { say: "lock limits x", expect: "allow" }, "Which cluster?"],
  ["somebody else", { as: "member", say: "savepoint prod-risk/a", expect: "refuse", because: "@S01" }, null],
  [
    "a time in a freeze",
    { say: "scale sandbox/a 2", at: "2026-05-01T10:00Z", expect: "refuse", because: "holiday" },
    null,
  ],
  ["no time, so no freeze", { say: "scale sandbox/a 2", expect: "allow" }, null],
  [
    "break-glass, in a freeze",
    {
      say: "scale sandbox/a 2 --break-glass pager",
      at: "2026-05-01T10:00Z",
      expect: "break-glass",
      rule: "break-glass brakes",
      because: "are frozen until",
    },
    null,
  ],
  [
    "break-glass that is not needed",
    { say: "scale sandbox/a 2 --break-glass pager", expect: "break-glass" },
    'expected break-glass, got allow by rule "free": Rule free allows it.',
  ],
  [
    "break-glass against a refusal",
    { say: "cancel prod-risk/a --break-glass pager", expect: "refuse", because: "does not pass rule ends" },
    null,
  ],
  [
    "break-glass with code out of the catalog",
    {
      say: "scale prod-risk/orders 100 --break-glass pager",
      in: "C01",
      with: { change: { parallelism: { to: 100 }, catalogued: false } },
      expect: "refuse",
      because: "not in the catalog",
    },
    null,
  ],
  [
    "break-glass without a reason",
    { say: "cancel prod-risk/a --break-glass", expect: "break-glass" },
    "it is not a command: Say why: --break-glass",
  ],
  [
    "what is no command",
    { say: "halt prod-risk/a", expect: "refuse" },
    "it is not a command: There is no operation halt.",
  ],
  ["a job on any cluster", { say: "stop orders", expect: "refuse" }, "Which cluster?"],
  [
    "somebody who cannot be",
    { as: { user: "U09", in: ["boss"] }, say: "help", expect: "allow" },
    "U09 is not in all of boss",
  ],
  [
    "a person in sets that have nobody in common",
    { as: { in: ["boss", "leads"] }, say: "help", expect: "allow" },
    "nobody is in all of boss, leads",
  ],
])("tests %s", (_, test, words) => {
  const jobs = [
    { name: "gilded", cluster: "prod-risk", jar: { newest: "a-*.jar" }, labels: { tier: "gold" } },
  ];
  const { code, printed } = run(["test"], withTest(test), { jobs });
  if (words === null) expect(printed).toEqual([expect.stringMatching(/^ok /u), "1 test, all passed"]);
  else expect(printed[0]).toContain(words);
  expect(code).toBe(words === null ? 0 : 1);
});

it("shows the way through the rules of a test that fails", () => {
  const { printed } = run(["test"], withTest({ ...scale, in: "C02", expect: "refuse" }));
  expect(printed).toEqual([
    'FAIL  tests.0: somebody in operators: scale prod-risk/orders 100: expected refuse, got allow by rule "rest": Rule rest allows it.',
    "        free: does not match (clusters: sandbox, not prod-risk)",
    "        big: does not match (channels: C01, not C02)",
    "        ends: does not match (classes: destructive, not operate)",
    expect.stringMatching(/^ {8}gold: does not match \(when: /u),
    "        locks: does not match (classes: lock, not operate)",
    "        rest: decides (it matches)",
    "1 test, 1 failed",
  ]);
});

it("explains a decision: every rule, who decides, who must approve", () => {
  const who = ["--as", "U0123456789", "--as", "operators"];
  const { code, printed } = run(["explain", ...who, "cancel prod-risk/limits"]);
  expect(code).toBe(0);
  expect(printed).toEqual([
    "cancel, class destructive, cluster prod-risk, job limits, at 2026-05-05T10:00Z, by U0123456789 in operators",
    "",
    "  no drain        : does not match (operations: stop, not cancel)",
    "  risk jobs       : decides (it matches)",
    "  destructive     : matches too, but an earlier rule has decided (it matches)",
    "  big scale       : does not match (operations: scale, not cancel)",
    "  unlock          : does not match (operations: unlock, not cancel)",
    "  everyday changes: does not match (classes: operate, lock, not destructive)",
    "  sandbox is free : does not match (clusters: sandbox, not prod-risk)",
    "",
    'needs approval ("risk jobs"): Rule risk jobs asks for the approval of 1 of leads and 1 of risk.',
    "  needed: 1 of leads and 1 of risk, all different people, not the requester",
    "  leads: S0987654321",
    "  risk: S0987654321, U0123456789, U0234567890",
    "  within: 1 h",
    "  after 20 m: leads too (S0987654321)",
  ]);
});

it("explains who may lock a job, and who a cluster", () => {
  const policy = withTest({ ...scale, expect: { approve: both } });
  const explained = (say: string) => run(["explain", "--as", "operators", say], policy).printed;
  const job = explained("lock prod-risk/limits x");
  expect(job[0]).toContain("lock, class lock, cluster prod-risk, job limits,");
  expect(job.at(-1)).toBe('allow ("locks"): Rule locks allows it.');
  const cluster = explained("unlock prod-risk");
  expect(cluster[0]).toContain("unlock, class lock, cluster prod-risk, at");
  expect(cluster).toContain("  locks: does not match (jobs: lim*, and the request names none)");
  expect(cluster.at(-1)).toMatch(/^refuse \("default"\)/u);
});

it("explains break-glass: which rule of it, who reviews, and where it is announced", () => {
  const said = 'cancel prod-payments/orders --break-glass "pager"';
  const { code, printed } = run(["explain", "--as", "operators", said]);
  expect(code).toBe(0);
  expect(printed[0]).toMatch(/, by somebody in operators, with break-glass$/u);
  expect(printed.slice(-7)).toEqual([
    "  sandbox is free   : does not match (clusters: sandbox, not prod-payments)",
    "  break-glass brakes: decides (it matches)",
    "",
    'break-glass ("break-glass brakes"): Break-glass rule brakes lets you start it without approval. Without it: Rule destructive asks for the approval of 1 of leads or operators.',
    "  announced first in: C0123456789",
    "  reviewed afterwards by: 1 of leads, not the requester",
    "  leads: S0987654321",
  ]);
});

it("explains what it is told about time, channel, class and change", () => {
  const say = ["--in", "C0123456789", "--at", "2026-12-24T20:00Z", "--class", "destructive"];
  const change = ["--change", "{ parallelism: { from: 4, to: 100 } }"];
  const { printed } = run([
    "explain",
    "--as",
    "operators",
    ...say,
    ...change,
    "scale prod-payments/orders 100",
  ]);
  expect(printed[0]).toBe(
    "scale, class destructive, cluster prod-payments, job orders, in C0123456789, at 2026-12-24T20:00Z, by somebody in operators",
  );
  expect(printed.at(-1)).toMatch(/^refuse \("freeze year end"\): .*closing of the books/u);
});

it.each<[readonly string[], string]>([
  [["--as", "boss", "help"], "err: boss is not one of the sets of people"],
  [["--as", "U01A", "--as", "U02A", "help"], "err: --as names two users"],
  [["--as", "member", "--at", "noon", "help"], "err: --at must be a date and time with its offset"],
  [
    ["--as", "member", "--class", "high", "help"],
    "err: --class must be one of view, lock, operate, destructive",
  ],
  [["--as", "member", "--change", "{ drian: true }", "help"], "err: --change: drian: is an unknown key"],
  [["--as", "member", "--change", "{", "help"], "err: --change: is not YAML"],
  [["--as", "member", "halt"], "err: it is not a command"],
])("cannot explain %j", (words, expected) => {
  const { code, printed } = run(["explain", ...words]);
  expect(printed.join("\n")).toContain(expected);
  expect(code).toBe(1);
});

it("says what is wrong with a policy instead of testing it", () => {
  const { code, printed } = run(["test"], "rules: [{ name: all, allow: true }]");
  expect(printed[1]).toMatch(/^err: - \/p\.yml: rules\.0 \(all\): allows destructive requests/u);
  expect(code).toBe(1);
});

it("says that there are no tests", () => {
  expect(run(["test"], "rules: []")).toEqual({
    code: 0,
    printed: ["The policy has no tests; policy.example.yml shows some."],
  });
});

it.each([
  [["policy"], "did you mean `flinkops policy test`"],
  [["policy", "test", "now"], "policy test takes only --config"],
  [["policy", "explain", "stop a"], "write it like"],
  [["policy", "explain", "--as", "U1A", "stop", "a"], "in quotes"],
  [["policy", "explain", "--why"], "Unknown option"],
  [["--config", "c.yml", "policy", "test"], "write it first"],
])("does not understand %j", (argv, words) => {
  expect(parseArguments(argv)).toMatchObject({ do: "usage", problem: expect.stringContaining(words) });
});
