import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A body recorded from a running Flink, its long stacks shortened. */
export function recorded(version: string, name: string): { status: number; body: unknown } {
  const file = join(import.meta.dirname, "fixtures", version, `${name}.json`);
  return JSON.parse(readFileSync(file, "utf8")) as { status: number; body: unknown };
}
