import type { Sink } from "./sink.ts";
import { SinkProblem } from "./sink.ts";

/**
 * Writes entries to the process's standard output, a line each, between the lines of the log. An entry is told apart by
 * its key `prev`. Resolves when the operating system has them; what reads the output is not known.
 */
export const createStdoutSink = (
  how: { name: string; required: boolean },
  out: Pick<NodeJS.WriteStream, "write"> = process.stdout,
): Sink => ({
  ...how,
  newest: async () => await Promise.resolve(null),
  push: async ({ lines }) =>
    await new Promise((resolve, reject) => {
      out.write(lines.map((line) => `${line}\n`).join(""), (error) => {
        if (error == null) resolve();
        else reject(new SinkProblem("standard output cannot be written", { cause: error }));
      });
    }),
  close: async () => await Promise.resolve(),
});
