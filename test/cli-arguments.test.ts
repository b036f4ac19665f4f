import { expect, it } from "vitest";
import { type Arguments, parseArguments } from "../src/cli-arguments.ts";

const serve = (
  bot: boolean,
  worker: { zone: string | null } | null,
  file: string | null = null,
): Arguments => ({
  do: "serve",
  roles: { bot, worker },
  file,
});

it.each<[words: string, asked: Arguments]>([
  ["", serve(true, { zone: null })],
  ["bot", serve(true, null)],
  ["worker", serve(false, { zone: null })],
  ["worker --zone east", serve(false, { zone: "east" })],
  ["--config c.yml bot", serve(true, null, "c.yml")],
  ["--config=c.yml", serve(true, { zone: null }, "c.yml")],
  ["check", { do: "check", roles: { bot: true, worker: { zone: null } }, file: null }],
  ["check --zone east", { do: "check", roles: { bot: false, worker: { zone: "east" } }, file: null }],
  ["doctor", { do: "doctor", roles: { bot: true, worker: { zone: null } }, file: null }],
  ["doctor --zone east", { do: "doctor", roles: { bot: false, worker: { zone: "east" } }, file: null }],
  ["doctor --print-acl", { do: "usage", problem: "--print-acl needs check" }],
  ["check --print-acl", { do: "acl", file: null }],
  ["check --print-acl --config c.yml", { do: "acl", file: "c.yml" }],
  ["--help", { do: "help" }],
  ["bot -h", { do: "help" }],
  ["--version", { do: "version" }],
  ["serve", { do: "usage", problem: "serve: unknown command" }],
  ["bot worker", { do: "usage", problem: "worker: one word is enough" }],
  ["audit new-key", { do: "new audit key" }],
  ["audit key --config c.yml", { do: "audit key", file: "c.yml" }],
  ["audit --help", { do: "help" }],
  ["audit export", { do: "audit export", file: null, format: "ndjson", from: null, to: null }],
  [
    "audit export --from 2026-05-01 --to 2026-06-01T00:00:00+02:00 --format csv",
    {
      do: "audit export",
      file: null,
      format: "csv",
      from: Date.UTC(2026, 4, 1),
      to: Date.UTC(2026, 4, 31, 22),
    },
  ],
  [
    `audit verify a.ndjson - --key k1 --key k2 --head 7:${"a".repeat(64)}:id.sig`,
    {
      do: "audit verify",
      file: null,
      sources: ["a.ndjson", "-"],
      keys: ["k1", "k2"],
      head: { n: 7, hash: "a".repeat(64), sig: "id.sig" },
    },
  ],
  ["audit", { do: "usage", problem: "audit: say key, new-key, export or verify" }],
  ["audit toString", { do: "usage", problem: "audit: say key, new-key, export or verify" }],
  ["audit export --head 7", { do: "usage", problem: "--head does not go with audit export" }],
  ["audit new-key --config c.yml", { do: "usage", problem: "--config does not go with audit new-key" }],
  ["audit export a.ndjson", { do: "usage", problem: "a.ndjson: audit export takes no file" }],
  ["audit export --format xml", { do: "usage", problem: "--format is ndjson or csv" }],
  ["audit export --from 2026-06-01 --to 2026-05-01", { do: "usage", problem: "--from is not before --to" }],
  [
    "--config c.yml audit key",
    { do: "usage", problem: "audit: write it first, `flinkops audit export --config <file>`" },
  ],
  ["bot --zone east", { do: "usage", problem: "--zone needs worker, check or doctor" }],
  ["--zone east", { do: "usage", problem: "--zone needs worker, check or doctor" }],
])("understands %j", (words, asked) => {
  expect(parseArguments(words === "" ? [] : words.split(" "))).toEqual(asked);
});

it.each([
  "audit export --from May",
  "audit export --from 2026-13-01",
  "audit verify --head 7",
  "audit verify -x",
])("does not understand %j", (words) => {
  expect(parseArguments(words.split(" ")).do).toBe("usage");
});

it.each(["--verbose", "worker --zone", "--config"])("does not understand %j", (words) => {
  expect(parseArguments(words.split(" ")).do).toBe("usage");
});
