import { expect, it } from "vitest";
import { type AuditFacts, auditLines } from "../src/check-audit.ts";
import type { Config } from "../src/config/config.ts";
import { loadConfig } from "../src/config/load.ts";
import { newSigningKey } from "../src/platform/signing.ts";

const aConfig = (audit: string): Config =>
  loadConfig({
    env: { SLACK_BOT_TOKEN: "xoxb-1", REDIS_URL: "redis://r", KEY: newSigningKey() },
    file: "f",
    roles: { bot: false, worker: { zone: null } },
    operations: [],
    readFile: () => `{ clusters: { a: { url: 'http://a' } }, audit: ${audit} }`,
  });
const SINKS = "sinks: { disk: { kind: file, path: /a }, siem: { kind: stdout, required: true } }";
const KEY = "signingKey: { env: KEY }";
const GOOD: AuditFacts = {
  head: 900,
  waiting: 0,
  sinks: new Map([
    ["disk", 900],
    ["siem", 899],
  ]),
  problem: null,
};
const said = (audit: string, facts: Partial<AuditFacts> = {}): string[] =>
  auditLines(aConfig(audit), { ...GOOD, ...facts }).map(({ level, what }) => `${level} ${what}`);

it("says how long the log is, and that each sink has it", () => {
  expect(said(`{ ${KEY}, ${SINKS} }`)).toEqual([
    "ok audit log: 900 entries",
    "ok audit sink disk: has all entries",
    "ok audit sink siem: has all entries",
  ]);
  expect(said("{}", { head: null })).toEqual(["ok audit log: 0 entries"]);
});

it("warns about a log that nobody chains or signs", () => {
  expect(said(`{ ${SINKS} }`)[1]).toMatch(/^warn audit log: not signed/u);
  expect(said("{}", { waiting: 5000 })).toEqual(["warn audit log: 5000 entries are not chained"]);
});

it("warns about a sink that falls behind, and fails where effects wait for it", () => {
  const audit = `{ ${KEY}, ${SINKS} }`;
  expect(said(audit, { sinks: new Map([["siem", 900]]) })[1]).toBe(
    "warn audit sink disk: 900 entries behind",
  );
  expect(said(audit, { problem: "siem: https://siem answered 503" })[2]).toBe(
    "FAIL audit sink siem: 1 entries behind (https://siem answered 503)",
  );
});
