/** One test file as vitest's JSON reporter tells it; times in ms. */
export interface FileResult {
  name: string;
  status: string;
  startTime: number;
  endTime: number;
  assertionResults: readonly { status: string }[];
}

/** What a whole run comes to: time per suite and file, and the closing line last. */
export function summarise(run: { success: boolean; files: readonly FileResult[] }): {
  lines: readonly string[];
  good: boolean;
} {
  const count = (status: (s: string) => boolean) =>
    run.files.flatMap((f) => f.assertionResults).filter((a) => status(a.status)).length;
  const passed = count((s) => s === "passed");
  const skipped = count((s) => s !== "passed" && s !== "failed");
  // a file that could not be loaded has no tests of its own
  const unloaded = run.files.filter((f) => f.status === "failed" && f.assertionResults.length === 0).length;
  const told = count((s) => s === "failed") + unloaded;
  // errors outside of tests fail a run without failing a test
  const failed = told === 0 && !run.success ? 1 : told;
  return {
    lines: [...times(run.files), `${passed} passed, ${failed} failed, ${skipped} skipped`],
    good: run.success && passed > 0 && failed === 0 && skipped === 0,
  };
}

function times(files: readonly FileResult[]): string[] {
  const suites = new Map<string, FileResult[]>();
  for (const f of files) {
    const name = f.name
      .split("/")
      .slice(0, 2)
      .join("/")
      .replace(/\.test\.ts$/u, "");
    suites.set(name, [...(suites.get(name) ?? []), f]);
  }
  const took = (f: FileResult) => Math.max(0, f.endTime - f.startTime);
  return [...suites]
    .map(([name, its]) => ({ name, its, ms: its.reduce((sum, f) => sum + took(f), 0) }))
    .sort((a, b) => b.ms - a.ms)
    .flatMap(({ name, its, ms }) => [
      `${seconds(ms)}  ${name} (${its.length} files)`,
      ...its
        .filter((f) => took(f) >= 5_000)
        .sort((a, b) => took(b) - took(a))
        .map((f) => `${" ".repeat(11)}${seconds(took(f))}  ${f.name}`),
    ]);
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1).padStart(7)} s`;
