import { expect, it } from "vitest";
import { stringify } from "yaml";
import type { Auditing } from "../src/audit-arguments.ts";
import { auditCommand, type AuditWorld } from "../src/audit-command.ts";
import { headText, readLink } from "../src/audit/chain.ts";
import { parseArguments } from "../src/cli-arguments.ts";
import { createSigner, newSigningKey } from "../src/platform/signing.ts";
import { aChain, anEntry } from "./audit/an-entry.ts";
import { streamOf } from "./audit/doubles.ts";

const KEY = newSigningKey();
const sign = createSigner(KEY);
const lines = aChain(
  [1, 2, 3].map((i) => anEntry(i)),
  sign,
);
const text = (all: readonly string[]): string => `${all.join("\n")}\n`;
const read = readLink(lines[2] ?? "");
const HEAD = headText({ n: 3, hash: read?.hash ?? "" });

/** Runs a command; `kept`: the chain in Redis. */
async function run(
  words: string,
  {
    files = {},
    kept = lines,
    stored = kept,
    key = true,
  }: {
    files?: Record<string, string>;
    kept?: readonly string[];
    /** The chain whose head is stored. */
    stored?: readonly string[];
    key?: boolean | string;
  } = {},
) {
  const said: string[] = [];
  const audit = key === false ? {} : { signingKey: { env: "AUDIT_KEY" } };
  const config = stringify({ clusters: { a: { url: "http://a" } }, audit });
  const world: AuditWorld = {
    env: { SLACK_BOT_TOKEN: "xoxb-1", REDIS_URL: "redis://r", AUDIT_KEY: key === true ? KEY : String(key) },
    readFile: (path) => {
      const found = { "c.yml": config, ...files }[path];
      if (found === undefined) throw new Error(`ENOENT: ${path}`);
      return found;
    },
    operations: [],
    print: (line) => void said.push(line),
    complain: (line) => void said.push(`! ${line}`),
    open: async () => {
      const last = readLink(stored.at(-1) ?? "");
      const head = last === null ? null : { n: last.n, hash: last.hash, of: "1-0", began: 0 };
      const stream = { ...streamOf(kept), head: async () => await Promise.resolve({ text: "", head }) };
      return await Promise.resolve({ stream, close: () => void said.push("closed") });
    },
  };
  const asked = parseArguments(words.split(" "));
  if (!asked.do.startsWith("audit ")) throw new Error(JSON.stringify(asked));
  return { code: await auditCommand(asked as Auditing, world), said, out: said.join("\n") };
}

it("prints the public key, and says what to do where there is none", async () => {
  expect(await run("audit key --config c.yml")).toMatchObject({ code: 0, said: [sign.publicKey] });
  const none = await run("audit key --config c.yml", { key: false });
  expect(none.code).toBe(1);
  expect(none.out).toContain("audit.signingKey is not set");
  const wrong = await run("audit key --config c.yml", { key: "hush" });
  expect(wrong.code).toBe(1);
  expect(wrong.out).toContain("audit.signingKey: must be a key");
  expect(wrong.out).not.toContain("hush");
});

it("exports what Redis has, as lines or as a table", async () => {
  expect(await run("audit export --config c.yml")).toMatchObject({ code: 0, said: [...lines, "closed"] });
  const csv = await run("audit export --format csv --config c.yml");
  expect(csv.said).toHaveLength(5);
  expect(csv.said[0]).toMatch(/^n,time,event,/u);
  const none = await run("audit export --from 2026-05-01 --config c.yml");
  expect(none).toMatchObject({
    code: 1,
    said: [expect.stringContaining("there are no entries of that time"), "closed"],
  });
});

it("verifies an export without configuration and Redis, and says what it could not check", async () => {
  const files = { "may.ndjson": text(lines), "key.pub": `${sign.publicKey}\n` };
  const bare = await run("audit verify may.ndjson", { files });
  expect(bare.code).toBe(0);
  expect(bare.out).toContain("3 entries, 1 to 3, 1970-01-01T00:16:40.001Z to 1970-01-01T00:16:40.003Z");
  expect(bare.out).toContain("not checked: whether the end was cut off");
  expect(bare.out).toContain("not checked: signatures");
  for (const key of ["key.pub", sign.publicKey]) {
    const full = await run(`audit verify --head ${HEAD} --key ${key} may.ndjson`, { files });
    expect(full.out).not.toContain("not checked");
    expect(full.said.at(-1)).toBe("OK: every entry is as flinkops chained it");
  }
});

it("names what is wrong with it, and leaves with 1", async () => {
  const changed = text(lines).replace('"entry 2"', '"entry 3"');
  const bad = await run("audit verify -", { files: { "/dev/stdin": changed } });
  expect(bad.code).toBe(1);
  expect(bad.out).toContain("CHANGED: entry 2 (1970-01-01T00:16:40.002Z) was changed");
  expect(bad.said.at(-1)).toBe("NOT OK");
  const cut = await run(`audit verify --head ${HEAD} a.ndjson`, {
    files: { "a.ndjson": text(lines.slice(0, 2)) },
  });
  expect(cut.out).toContain("CUT: entry 3 is missing: the end was cut off");
  expect((await run("audit verify a.ndjson", { files: { "a.ndjson": "" } })).code).toBe(1);
  expect((await run("audit verify no.ndjson")).out).toContain("ENOENT");
  expect((await run("audit verify --key c.yml a.ndjson", { files: { "a.ndjson": "" } })).out).toContain(
    "c.yml holds no public key",
  );
});

it("verifies Redis against its sealed head and the configured key", async () => {
  const good = await run("audit verify --config c.yml");
  expect(good.code).toBe(0);
  expect(good.out).not.toContain("not checked");
  const cut = await run("audit verify --config c.yml", { kept: lines.slice(0, 2), stored: lines });
  expect(cut.code).toBe(1);
  expect(cut.out).toContain("CUT: entry 3 is missing");
  const other = aChain(
    [1, 2, 3].map((i) => anEntry(i)),
    createSigner(newSigningKey()),
  );
  expect((await run("audit verify --config c.yml", { kept: other })).out).toContain("by another key");
});
