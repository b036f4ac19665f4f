import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createScreen, warning } from "../../../playground/demo/screen.ts";

test.each([
  ["says nothing of what is as it should be", { level: "info", msg: "started" }, null],
  ["shows a warning", { level: "warn", msg: "redis is not available" }, "redis is not available"],
  [
    "with its cause, without the stack",
    { level: "error", msg: "step failed", error: { message: "boom\n  at x.ts:1", stack: "boom" } },
    "step failed: boom",
  ],
  [
    "knows pino's own name of a cause",
    { level: "warn", msg: "again", err: { message: "gone" } },
    "again: gone",
  ],
])("%s", (_name, fields, words) => {
  expect(warning(JSON.stringify(fields))).toBe(words);
});

test("a line that is no JSON was meant for a person", () => {
  expect(warning("configuration:")).toBe("configuration:");
  expect(warning("  ")).toBeNull();
});

test("an error is one line on the screen, and the rest of it in the file", async () => {
  const directory = await mkdtemp(join(tmpdir(), "flinkops-screen-"));
  const path = join(directory, "logs/demo.log");
  const shown: string[] = [];
  let now = 1000;
  const screen = createScreen(
    (text) => shown.push(text),
    () => now,
  );
  now += 12_340;
  screen.problem("Flink did not start", new Error("the JobManager ended:\nline one\nline two"));
  screen.product('{"level":"info","msg":"started"}');
  screen.logTo(path);
  screen.product('{"level":"warn","msg":"coping"}');
  screen.hush();
  screen.product('{"level":"warn","msg":"stopping anyway"}');
  expect(shown).toEqual([
    "  12.3 s  Flink did not start: the JobManager ended:\n",
    "  12.3 s  flinkops: coping\n",
  ]);
  await expect
    .poll(async () => (await readFile(path, "utf8").catch(() => "")).split("\n"))
    .toEqual([
      "line one",
      "line two",
      '{"level":"info","msg":"started"}',
      '{"level":"warn","msg":"coping"}',
      '{"level":"warn","msg":"stopping anyway"}',
      "",
    ]);
  await rm(directory, { recursive: true });
});
