import { expect, test } from "vitest";
import { isTyped } from "../../src/model/operation.ts";
import { operations } from "../../src/operations/index.ts";
import { answered } from "./ask.ts";

const titles = (text: string): readonly string[] =>
  text.split("\n").filter((line) => !line.includes("/flink"));

test("help lists only what this person may do, each with an example", async () => {
  const all = await answered("");
  for (const row of operations.filter(isTyped))
    expect(all).toContain(`/flink ${row.examples[0]} ${row.summary}`);
  const some = await answered("help", { may: (row) => row.class === "view" });
  expect(some).toContain("/flink list");
  expect(some).not.toContain("/flink stop");
  expect(titles(all)).toEqual(["What you can do here", "Read", "Change", "Start and recover", "Requests"]);
  expect(titles(await answered("help", { may: (row) => row.name === "scale" }))).toEqual([
    "What you can do here",
    "Change",
  ]);
});

test("help of one operation: usage, arguments, examples, and whether it needs approval", async () => {
  const said = await answered("help STOP");
  expect(said).toContain("/flink stop [job] [directory] [--all] [--match match] [--drain]");
  expect(said).toContain("--drain flush everything and end for good; must not be resumed from");
  expect(said).toContain("/flink stop orders --drain");
  expect(said).toContain("Needs another person's approval.");
  expect(await answered("stop --help")).toBe(said);
});

test("help of an operation that does not exist, or that this person may not use", async () => {
  expect(await answered("help stpo")).toContain("Did you mean /flink help stop?");
  expect(await answered("help frobnicate")).toContain("The operations are: help, list");
  expect(await answered("help stop", { may: (row) => row.class === "view" })).toBe(
    "You are not allowed to use stop here.",
  );
});

test("without any permission, help says where to read more and offers nothing", async () => {
  expect(await answered("help", { may: () => false })).toBe(
    [
      "What you can do here",
      "Details: /flink help <operation>. In a thread, mention the bot with the same words.",
    ].join("\n"),
  );
});
