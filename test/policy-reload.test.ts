import { expect, it } from "vitest";
import { stringify } from "yaml";
import { loadConfig } from "../src/config/load.ts";
import { plain } from "../src/model/text.ts";
import { operations } from "../src/operations/index.ts";
import { askable } from "../src/policy/askable.ts";
import { decide } from "../src/policy/decide.ts";
import { allGroups } from "../src/policy/membership.ts";
import type { Policy } from "../src/policy/policy.ts";
import { createPolicySource } from "../src/policy/policy-source.ts";
import { startPolicyReload } from "../src/policy-reload.ts";
import { questionFor } from "../src/policy-question.ts";
import { ManualClock } from "./fakes/clock.ts";

const POLICY = {
  people: { operators: { groups: ["S01"] }, leads: { users: ["U01", "U02"] } },
  rules: [
    { name: "ends", classes: ["destructive"], ask: ["operators"], approve: [{ from: ["leads"] }] },
    { name: "rest", classes: ["operate"], ask: ["operators"], allow: true },
  ],
  tests: [{ as: "operators", say: "savepoint prod/a", expect: "allow" }],
};
const CONFIG = { policy: "/p.yml", clusters: { prod: { url: "http://a", changes: true } } };

/** Time passes when the test says so. */
class Ticking extends ManualClock {
  readonly #calls = new Set<() => void>();
  override every(_ms: number, call: () => void): () => void {
    this.#calls.add(call);
    return () => void this.#calls.delete(call);
  }
  tick(): void {
    for (const call of this.#calls) call();
  }
}

function start(first: Record<string, object | string | undefined> = {}) {
  const files: Record<string, object | string | undefined> = { "/c.yml": CONFIG, "/p.yml": POLICY, ...first };
  const readFile = (path: string): string => {
    const file = files[path];
    if (file === undefined) throw new Error("no such file");
    return typeof file === "string" ? file : stringify(file);
  };
  const load = () =>
    loadConfig({
      env: { SLACK_BOT_TOKEN: "xoxb-1-hush", REDIS_URL: "redis://r" },
      file: "/c.yml",
      roles: { bot: false, worker: { zone: null } },
      operations: askable(operations),
      readFile,
    });
  const config = load();
  const policies = createPolicySource(config.policy);
  const clock = new Ticking();
  const said: { once: string; words: string }[] = [];
  const audited: { event: string; detail: object }[] = [];
  const logged: { level: string; words: string; facts: object }[] = [];
  const log = (level: string) => (facts: object, words: string) => void logged.push({ level, words, facts });
  const reload = startPolicyReload({
    config,
    policies,
    load,
    readFile,
    notice: async ({ refuse, instead = [] }, { once }) =>
      void said.push({ once, words: [refuse, ...instead].map(plain).join("\n") }),
    audit: (event, { detail }) => void audited.push({ event, detail }),
    log: { info: log("info"), warn: log("warn"), error: log("error") },
    clock,
  });
  const decision = (policy: Policy, say: string): string => {
    const posing = questionFor(config, {
      as: { user: null, in: ["operators"] },
      say,
      channel: null,
      at: null,
      change: {},
      labels: null,
      class: null,
    });
    if (posing.is === "problem") throw new Error(posing.why);
    const { noChanges: _seal, ...rules } = policy;
    return decide(rules, posing.posed.question).is;
  };
  return {
    config,
    reload,
    clock,
    said,
    audited,
    logged,
    policies,
    write: (path: string, what: object | string | undefined) => void (files[path] = what),
    /** The file is read, and read again. */
    settle: () => [1, 2].forEach(() => clock.tick()),
    decides: (say: string) => decision(policies.current(), say),
  };
}
const more = {
  ...POLICY,
  rules: [{ name: "no stops", operations: ["stop"], refuse: "No." }, ...POLICY.rules],
};

it("takes a policy over when its file has changed and stays the same", () => {
  const t = start();
  const before = t.policies.current();
  t.settle();
  expect(t.policies.current()).toBe(before);
  t.write("/p.yml", { ...more, people: { ...POLICY.people, others: { groups: ["S09"] } } });
  t.clock.tick();
  expect(t.policies.current()).toBe(before);
  t.clock.tick();
  expect(t.decides("stop prod/a")).toBe("refuse");
  expect(t.decides("cancel prod/a")).toBe("needs approval");
  // who is read in Slack follows
  expect(allGroups(t.policies.current())).toEqual(["S01", "S09"]);
  const { hash } = t.policies.current();
  expect(t.reload.state()).toEqual({ hash, state: "current" });
  expect(t.logged).toEqual([
    { level: "info", words: "policy reloaded", facts: { hash, before: before.hash } },
  ]);
  expect(t.said).toEqual([]);
  t.settle();
  expect(t.logged).toHaveLength(1);
});

it("does not load a file that is still being written", () => {
  const t = start();
  for (const half of ["rules: [", "rules: [{", "rules: [{ name"]) {
    t.write("/p.yml", half);
    t.clock.tick();
  }
  t.write("/p.yml", more);
  t.settle();
  expect(t.logged.map((line) => line.words)).toEqual(["policy reloaded"]);
});

it.each<[string, object | string | undefined, string]>([
  ["that is not YAML", "rules: [hush", "line 1: not YAML"],
  ["that is gone", undefined, "/p.yml: cannot be read"],
  ["with a mistake", { ...POLICY, ruels: [] }, "ruels: is an unknown key"],
  [
    "whose test fails",
    { ...POLICY, tests: [{ ...POLICY.tests[0], expect: "refuse" }] },
    "policy test tests.0: somebody in operators: savepoint prod/a: expected refuse, got allow",
  ],
  ["with too many aliases", `a: &a [1]\nb: [${"*a,".repeat(200)}]\nrules: []`, "alias"],
])("keeps the old one instead of one %s, and refuses what is destructive", (_, broken, problem) => {
  const t = start();
  const { hash } = t.policies.current();
  t.write("/p.yml", broken);
  t.settle();
  expect(t.decides("savepoint prod/a")).toBe("allow");
  expect(t.decides("stop prod/a")).toBe("refuse");
  expect(t.policies.current().nothingDestructive).toMatch(
    /could not be loaded \(p\.yml\).*`flinkops check`/u,
  );
  expect(t.reload.state()).toEqual({ hash, state: "not loaded" });
  expect(t.logged[0]).toMatchObject({
    level: "error",
    words: "policy not reloaded, destructive operations are refused",
  });
  expect(t.said).toHaveLength(1);
  expect(t.said[0]?.words).toContain(problem);
  expect(JSON.stringify([t.said, t.logged])).not.toContain("hush");
  t.settle();
  expect(t.said).toHaveLength(1);

  t.write("/p.yml", POLICY);
  t.settle();
  expect(t.decides("stop prod/a")).toBe("needs approval");
  expect(t.policies.current().nothingDestructive).toBeUndefined();
  expect(t.reload.state()).toEqual({ hash, state: "current" });
  expect(t.said[1]).toEqual({
    once: `policy ${hash}`,
    words: expect.stringContaining("The policy was loaded"),
  });
});

const loaded = (hash: string, before: string | null) => ({
  event: "policy loaded",
  detail: { hash, before },
});

it("writes to the audit log by which policy it decides, and since when", () => {
  const t = start();
  const { hash } = t.policies.current();
  expect(t.audited).toEqual([loaded(hash, null)]);
  t.write("/p.yml", { ...POLICY, ruels: [] });
  t.settle();
  expect(t.audited.splice(0)[1]).toEqual({
    event: "policy not loaded",
    detail: {
      hash,
      destructive: "refused",
      problems: expect.arrayContaining([expect.stringMatching(/^[^-].*ruels: is an unknown key/u)]),
      more: 0,
    },
  });
  t.write("/p.yml", more);
  t.settle();
  const { hash: next } = t.policies.current();
  t.reload.reload();
  expect(t.audited.splice(0)).toEqual([loaded(next, hash), loaded(next, next)]);
  t.write("/p.yml", { rules: Array.from({ length: 90 }, () => ({ nmae: "x" })) });
  t.settle();
  const [many] = t.audited.map(({ detail }) => detail as { problems: string[]; more: number });
  expect(many?.problems).toHaveLength(50);
  expect(many?.more).toBeGreaterThan(0);
});

it("says the same about the same problem in every process, so that one of them says it", () => {
  const [one, other] = [start(), start()];
  for (const t of [one, other]) {
    t.write("/p.yml", "rules: 1");
    t.settle();
  }
  expect(one.said[0]?.once).toBe(other.said[0]?.once);
});

it("follows the configuration where the policy is in it, and leaves the rest for a restart", () => {
  const people = { operate: { groups: ["S01"] }, approve: { users: ["U01"] } };
  const simple = { clusters: CONFIG.clusters, people };
  const t = start({ "/c.yml": simple });
  t.write("/c.yml", { ...simple, approvalAlso: ["scale"], bulk: { atOnce: 9 } });
  t.settle();
  expect(t.policies.current().rules.map((r) => r.name)).toContain("approvalAlso");
  expect(t.logged).toContainEqual({
    level: "warn",
    words: "configuration changed, restart to use it",
    facts: { keys: ["atOnce"] },
  });
});

it("reads both files when it is told to, and goes from one form to the other", () => {
  const t = start();
  t.write("/c.yml", { clusters: CONFIG.clusters });
  t.settle();
  expect(t.policies.current().form).toBe("rules");
  t.reload.reload();
  expect(t.policies.current()).toMatchObject({ form: "simple", people: {} });
  expect(t.policies.current().noChanges).toBe(t.config.policy.noChanges);
  const lines = t.logged.length;
  t.settle();
  expect(t.logged).toHaveLength(lines);
  // and now it follows the other file
  t.write("/c.yml", CONFIG);
  t.settle();
  expect(t.policies.current().form).toBe("rules");
  t.reload.close();
  t.write("/c.yml", { clusters: CONFIG.clusters });
  t.settle();
  expect(t.policies.current().form).toBe("rules");
});
