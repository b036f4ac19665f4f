import { describe, expect, it, test } from "vitest";
import { isSecretName, RULES, redact, redactArguments } from "../../src/platform/redact.ts";
import { applied } from "../../src/platform/secret-rule.ts";
import { plainSamples, secretSamples } from "../samples/samples.ts";

describe("a text with secrets", () => {
  it.each(secretSamples)("loses them and nothing else: $text", ({ text, secrets, clean }) => {
    const shown = redact(text);
    expect(shown).toBe(clean);
    expect(redact(shown)).toBe(shown);
    expect(secrets.filter((secret) => secret.length > 2 && shown.includes(secret))).toEqual([]);
  });
});

describe("a text without secrets", () => {
  it.each(plainSamples)("stays as it is: %s", (text) => {
    expect(redact(text)).toBe(text);
  });
});

test("there are enough samples to mean something", () => {
  expect(new Set(secretSamples.map((s) => s.text)).size).toBeGreaterThan(200);
  expect(new Set(plainSamples).size).toBeGreaterThan(200);
});

test.each(RULES.map((rule) => rule.name))("the rule for %s is needed", (name) => {
  const others = RULES.filter((rule) => rule.name !== name);
  expect(secretSamples.some(({ text, clean }) => others.reduce(applied, text) !== clean)).toBe(true);
});

const long = (seed: string, length: number): string =>
  seed.repeat(Math.ceil(length / seed.length)).slice(0, length);
/** CPU time, ms: what else this machine does is not the rules' work. */
const took = (text: string): number => {
  const from = process.cpuUsage();
  redact(text);
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1000;
};
/**
 * Eight times the text may take eight times as long; were the work quadratic, it would be 64 times. A bad ratio is measured
 * again, and what takes no time at all has no ratio.
 */
const isLinear = (seed: string): boolean =>
  [1, 2, 3, 4, 5].some(() => {
    const few = Math.min(took(long(seed, 20_000)), took(long(seed, 20_000)));
    return took(long(seed, 160_000)) < 25 * Math.max(few, 0.5);
  });

describe("the work is linear", () => {
  // each begins one rule or several, again and again, and ends none
  it.each([
    ["a", "A1b", "0f", " ", "\n", "=", "-", "/", "://", ",a", "&a", ";a=", "é", "😀", "\u202e", ")", "()"],
    ["http://a:b", "http://a:b,", "a://b:", "x@", "a@b:c/", "a/", "a/b@", "a/b@c:", "//hooks.slack.com/"],
    ["eyJ", "eyJa.", "rO0AB", "xox", "ghp_", "AKIA", "SG.aaaaaaaaaaaaaaaaaaaa.", "aaa1Q~", "Ab1+", "A1/"],
    ["-----BEGIN A-----", "-----BEGIN A-----\nAbcdefghijklmnop0\n", "- ", "-a ", "--a-", "--password ", "-p"],
    ["password", "password=", 'password="', "password='", 'password=\\"', "password: [", "password: ))))a"],
    [
      "password=a,b=",
      "password=a;",
      "token",
      "next token",
      "env:a,secret",
      "secretkey",
      "pwd",
      "pass=",
      "key=",
    ],
    ["<", "<a ", "<name>", "<password>", "<name>password</name><value>", '{"key":"password","value":"', "["],
    ["authorization:", "authorization: a=b, ", "Bearer ", "basic aaaaaa", "cookie: a=", "identified by "],
    ["curl ", "curl -u ", "mysql ", "redis-cli ", "sqlplus -a ", "jdbc:oracle:thin:", "jdbc:oracle:thin:a/"],
    ["account.key.", "account.key.a", "?key=", "&code=a", "sig=", "login ", "login a password ", "''", '\\"'],
  ])("for %j and the like", (...seeds) => {
    expect(seeds.filter((seed) => !isLinear(seed))).toEqual([]);
  });
});

test("a megabyte in one line, and more than anybody shows", () => {
  expect(redact(`a.B: ${"ab.".repeat(400_000)} password=hunter2`)).toMatch(/ab\. password=\*\*\*$/u);
  expect(redact("'".repeat(8_000_000)).length).toBeLessThan(8_000_000);
});

test.each([
  "pass\u200bword=hunter2",
  "password\u200b: hunter2",
  "\u00adtoken\u2060=hunter2",
  "-\u200d-db-pass\ufeffword hunter2",
  "password=x see\u200bghp_hunter2hunter2hunter2",
  "https://user:\u200bhunter2\u200b@host/x",
])("a name is seen through characters without a width: %j", (text) => {
  expect(redact(text)).not.toContain("hunter2");
  expect(redact(redact(text))).toBe(redact(text));
});

test("nor do they hide an option's name", () => {
  expect(redactArguments(["-\u200d-db-pass\ufeffword", "hunter2"])[1]).toBe("***");
});

test("characters without a width stay where they hide nothing", () => {
  const text = "\u{1f469}\u200d\u{1f467} می\u200cخواهم soft\u00adhyphen";
  expect(redact(text)).toBe(text);
  expect(redactArguments([text])).toEqual([text]);
});

test.each<[string, string]>([
  ["--db-password hunter2 --topic orders", "--db-password *** --topic orders"],
  ["--api-key=abc -Dpassword=x --token", "--api-key=*** -Dpassword=*** --token"],
  ["--secret -x9 --secret --next", "--secret *** --secret --next"],
  ["--token-ttl 5m --sort-by token password", "--token-ttl 5m --sort-by token password"],
])("arguments of a program, a word each: %s", (args, clean) => {
  expect(redactArguments(args.split(" "))).toEqual(clean.split(" "));
});

test.each<[string, boolean]>([
  ["password", true],
  ["db.password", true],
  ["botToken", true],
  ["X-Api-Key", true],
  ["Authorization", true],
  ["set-cookie", true],
  ["response_url", true],
  ["responseUrl", true],
  ["DB_PASS", true],
  ["tokens", false],
  ["key", false],
  ["secretName", false],
  ["bypass", false],
])("the name %s says secret: %s", (name, is) => {
  expect(isSecretName(name)).toBe(is);
});
