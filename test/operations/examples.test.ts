import { describe, expect, test } from "vitest";
import { parse } from "../../src/command/parse.ts";
import { operations } from "../../src/operations/index.ts";
import { isTyped } from "../../src/model/operation.ts";
import { shortId } from "../../src/requests/record/record.ts";
import { words } from "./drive.ts";

const examples = operations
  .filter(isTyped)
  .flatMap((row) => row.examples.map((example): [string, string] => [example, row.name]));

describe("an example that people are shown", () => {
  test.each(examples)("%s is understood", (example, name) => {
    const parsed = parse(example, operations);
    expect(parsed.is === "problem" ? words(parsed.refusal) : parsed.operation.name).toBe(name);
  });

  test("names a request as its card does", () => {
    const withdraw = operations.find((row) => row.name === "withdraw");
    const [, id = ""] = withdraw?.examples[0]?.split(" ") ?? [];
    expect(id).toMatch(/^r[0-9a-f]+$/u);
    expect(shortId(id)).toBe(id);
  });
});
