import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { loadConfig } from "../../src/config/load.ts";
import { ConfigError } from "../../src/model/errors.ts";
import { newSigningKey } from "../../src/platform/signing.ts";

const KEY = newSigningKey();
const ENV: Readonly<Record<string, string>> = {
  SLACK_BOT_TOKEN: "xoxb-1",
  SLACK_APP_TOKEN: "xapp-1",
  REDIS_URL: "redis://r",
  AUDIT_KEY: KEY,
  SIEM_TOKEN: "Bearer hush",
  SIEM_URL: "https://siem.example.com/in?token=hush",
};
const WORKER = { bot: false, worker: { zone: null } };
const NOBODY = { bot: false, worker: null };
const BOT = { bot: true, worker: null };

const load = (
  audit: object,
  { roles = WORKER, env = ENV }: { roles?: typeof WORKER | typeof NOBODY; env?: typeof ENV } = {},
) =>
  loadConfig({
    env,
    file: "f",
    roles,
    operations: [],
    readFile: () => stringify({ clusters: { a: { url: "http://a" } }, audit }),
  }).audit;
const problems = (audit: object, env = ENV): string => {
  try {
    load(audit, { env });
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return "";
};
const SINKS = {
  out: { kind: "stdout" },
  disk: { kind: "file", path: "/var/log/audit.ndjson", required: true },
  siem: { kind: "http", url: { env: "SIEM_URL" }, headers: { Authorization: { env: "SIEM_TOKEN" } } },
};

describe("audit", () => {
  it("keeps entries for 400 days in Redis alone, unless it is told otherwise", () => {
    const none = { signingKey: null, channel: null, sinks: [] };
    expect(load({})).toEqual({ keep: 400 * 86_400_000, ...none });
    expect(load({ keep: "30d" })).toEqual({ keep: 30 * 86_400_000, ...none });
  });

  it("has a key, a channel, and sinks in the order of the file", () => {
    expect(load({ signingKey: { env: "AUDIT_KEY" }, channel: "C0123456789", sinks: SINKS })).toMatchObject({
      signingKey: KEY,
      channel: "C0123456789",
      sinks: [
        { name: "out", kind: "stdout", required: false },
        { name: "disk", kind: "file", path: "/var/log/audit.ndjson", required: true },
        {
          name: "siem",
          kind: "http",
          url: ENV["SIEM_URL"],
          headers: { Authorization: "Bearer hush" },
          required: false,
        },
      ],
    });
  });

  it("gives its secrets to workers, the key also to commands, and nothing to the bot", () => {
    const audit = { signingKey: { env: "AUDIT_KEY" }, sinks: SINKS };
    const env = { ...ENV, SIEM_TOKEN: "", SIEM_URL: "" };
    expect(load(audit, { roles: NOBODY, env }).signingKey).toBe(KEY);
    expect(load(audit, { roles: BOT, env: { ...env, AUDIT_KEY: "" } }).signingKey).toBeNull();
    expect(problems(audit, { ...env, AUDIT_KEY: "" })).toMatch(
      /audit\.signingKey: environment variable AUDIT_KEY is not set[^]*audit\.sinks\.siem\.url: [^]*audit\.sinks\.siem\.headers\.Authorization: /u,
    );
  });

  it.each<[string, object, string]>([
    ["an unknown key", { keepp: "1d" }, "audit.keepp: is an unknown key"],
    [
      "a key that is written down",
      { signingKey: KEY },
      "audit.signingKey: a secret must not be in this file",
    ],
    [
      "a key of the seal",
      { signingKey: { env: "SIEM_TOKEN" } },
      "must be a key as `flinkops audit new-key` prints one",
    ],
    ["an unknown kind", { sinks: { a: { kind: "kafka" } } }, "audit.sinks.a.kind: must be one of those"],
    [
      "a key of another kind",
      { sinks: { a: { kind: "stdout", path: "x" } } },
      "audit.sinks.a.path: is an unknown key",
    ],
    ["a file without a path", { sinks: { a: { kind: "file" } } }, "audit.sinks.a.path: is missing"],
    [
      "a password in an address",
      { sinks: { a: { kind: "http", url: "https://u:p@h" } } },
      "must not contain a user or password",
    ],
    [
      "another protocol",
      { sinks: { a: { kind: "http", url: "ftp://h" } } },
      "must be an http or https address",
    ],
    [
      "a secret header",
      { sinks: { a: { kind: "http", url: "https://h", headers: { Authorization: "x" } } } },
      "a secret must not be in this file",
    ],
    ["a channel's name", { channel: "#audit" }, "must be a channel id"],
    ["an odd name", { sinks: { "a b": { kind: "stdout" } } }, "may contain letters, digits"],
  ])("refuses %s", (_, audit, words) => {
    const said = problems(audit);
    expect(said).toContain(words);
    expect(said).not.toContain(KEY);
  });
});
