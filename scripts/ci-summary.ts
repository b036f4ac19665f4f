import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { z } from "zod";
import { summarise } from "./test-summary.ts";

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

const summary = summarise(read(process.argv[2] ?? ""));
for (const line of summary.lines) console.log(line);
process.exitCode = summary.good ? 0 : 1;

function read(path: string) {
  try {
    const { success, testResults } = results.parse(JSON.parse(readFileSync(path, "utf8")));
    const files = testResults.map((file) => ({ ...file, name: relative(process.cwd(), file.name) }));
    return { success, files };
  } catch {
    console.log("no results: the tests did not end");
    return { success: false, files: [] };
  }
}
