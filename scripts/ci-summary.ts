import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { z } from "zod";
import { type Run, summarise } from "./test-summary.ts";

const results = z.looseObject({
  success: z.boolean(),
  testResults: z.array(
    z.looseObject({
      name: z.string(),
      status: z.string(),
      startTime: z.number(),
      endTime: z.number(),
      assertionResults: z.array(z.looseObject({ status: z.string() })),
    }),
  ),
});

// each argument is a file of vitest's JSON reporter; `Node 24=<file>` shows its suites under that name
const summary = summarise(process.argv.slice(2).map(read));
for (const line of summary.lines) console.log(line);
process.exitCode = summary.good ? 0 : 1;

function read(argument: string): Run {
  const [path = "", ...names] = argument.split("=").reverse();
  try {
    const { success, testResults } = results.parse(JSON.parse(readFileSync(path, "utf8")));
    const files = testResults.map((file) => ({
      ...file,
      name: [...names, relative(process.cwd(), file.name)].join("/"),
    }));
    return { success, files };
  } catch {
    console.log(`no results in ${path}: these tests did not end`);
    return { success: false, files: [] };
  }
}
