import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { dirname } from "node:path";
import type { Result } from "./show.ts";

/** Where the figures of the last whole run are kept. */
export const RESULTS = "bench/RESULTS.md";

const row = ({ what, figure, beside = "" }: Result): string => `| ${what} | ${figure} | ${beside} |`;

/** Writes what a whole run has measured, with what it ran on. A ratio is to the line above it that has none. */
export function writeResults(results: readonly Result[], ran: { redis: string; minutes: number }): void {
  const [cpu] = cpus();
  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
  const text = [
    "# Figures",
    "",
    "Written by `npm run bench`. Figures depend on the machine; what was measured in turn within one run is compared as a ratio.",
    "",
    `flinkops ${version}, Node ${process.version}, Redis ${ran.redis}; ${cpus().length} cores of ${cpu?.model.trim() ?? "an unknown kind"}; ${new Date().toISOString().slice(0, 10)}, in ${ran.minutes} min.`,
    "",
    "| what | figure | times what it is beside |",
    "|---|---|---|",
    ...results.map(row),
    "",
  ];
  if (!existsSync(dirname(RESULTS))) mkdirSync(dirname(RESULTS));
  writeFileSync(RESULTS, text.join("\n"));
}
