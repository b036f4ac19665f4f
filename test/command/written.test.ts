import fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "../../src/command/parse.ts";
import { parseArgs } from "../../src/command/validate.ts";
import { written } from "../../src/command/written.ts";
import { operations } from "../../src/operations/index.ts";

const scale = operations.find(({ name }) => name === "scale");
if (scale === undefined) throw new Error("no scale");

test.each([
  [{ job: "orders", parallelism: 6 }, "scale orders 6"],
  [{ job: "my orders", parallelism: 6, waitForSlots: true }, 'scale "my orders" 6 --wait-for-slots'],
  [{ job: "orders", parallelism: 6, vertex: ["a b", "--c"] }, 'scale orders 6 --vertex "a b" --vertex "--c"'],
  [
    { job: "orders", parallelism: 6, reason: "pager, again", breakGlass: true },
    'scale orders 6 --break-glass "pager, again"',
  ],
  [{ job: "orders", parallelism: 6, reason: "night", breakGlass: null }, "scale orders 6 --reason night"],
])("%o is written as people would type it", (args, command) => {
  expect(written(scale, args)).toBe(command);
});

test("what holds anyway is left out", () => {
  const stop = operations.find(({ name }) => name === "stop");
  const parsed = parse("stop orders --drain", operations, "/flink");
  if (stop === undefined || parsed.is === "problem") throw new Error("no stop");
  expect(parsed.args).toHaveProperty("format");
  expect(written(stop, parsed.args)).toBe("stop orders --drain");
});

const CHARACTERS = ["a", "b", "c", "-", '"', "'", "`", "\\", "=", " ", ".", "5", "é"];

test("what is written is read as the same arguments", () => {
  const word = fc.string({ minLength: 1, maxLength: 20, unit: fc.constantFrom(...CHARACTERS) });
  const args = fc.record({
    job: word,
    parallelism: fc.integer({ min: 1, max: 100 }),
    vertex: fc.array(word, { maxLength: 2 }),
    waitForSlots: fc.boolean(),
  });
  fc.assert(
    fc.property(args, (some) => {
      const meant = parseArgs(scale, some);
      if (meant.is === "problem") return;
      expect(parse(written(scale, meant.args), operations, "/flink")).toMatchObject({
        is: "parsed",
        args: meant.args,
      });
    }),
  );
});
