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
  ["--help", { do: "help" }],
  ["bot -h", { do: "help" }],
  ["--version", { do: "version" }],
  ["serve", { do: "usage", problem: "serve: unknown command" }],
  ["bot worker", { do: "usage", problem: "worker: one word is enough" }],
  ["bot --zone east", { do: "usage", problem: "--zone needs worker or check" }],
  ["--zone east", { do: "usage", problem: "--zone needs worker or check" }],
])("understands %j", (words, asked) => {
  expect(parseArguments(words === "" ? [] : words.split(" "))).toEqual(asked);
});

it.each(["--verbose", "worker --zone", "--config"])("does not understand %j", (words) => {
  expect(parseArguments(words.split(" ")).do).toBe("usage");
});
