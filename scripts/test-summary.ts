/** One test file as vitest's JSON reporter tells it; times in ms. */
export interface FileResult {
  name: string;
  status: string;
  startTime: number;
  endTime: number;
  assertionResults: readonly { status: string }[];
}

/** What one run of the tests reported. */
export interface Run {
  success: boolean;
  files: readonly FileResult[];
}

/** Time per suite and file of all runs, and the closing line last. Good only if every run ran tests and each of them passed. */
export function summarise(runs: readonly Run[]): { lines: readonly string[]; good: boolean } {
  const passed = runs.map(({ files }) => count(files, (s) => s === "passed"));
  const failed = sum(runs.map(failures));
  const skipped = sum(runs.map(({ files }) => count(files, (s) => s !== "passed" && s !== "failed")));
  return {
    lines: [
      ...times(runs.flatMap((run) => run.files)),
      `${sum(passed)} passed, ${failed} failed, ${skipped} skipped`,
    ],
    good: runs.every((run) => run.success) && passed.every((n) => n > 0) && failed === 0 && skipped === 0,
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

const count = (files: readonly FileResult[], is: (status: string) => boolean): number =>
  files.flatMap((f) => f.assertionResults).filter((a) => is(a.status)).length;

function failures({ success, files }: Run): number {
  // a file that could not be loaded has no tests of its own
  const unloaded = files.filter((f) => f.status === "failed" && f.assertionResults.length === 0).length;
  const told = count(files, (s) => s === "failed") + unloaded;
  // errors outside of tests fail a run without failing a test
  return told === 0 && !success ? 1 : told;
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
    .map(([name, its]) => ({ name, its, ms: sum(its.map(took)) }))
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
