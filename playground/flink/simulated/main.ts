import { parseArgs } from "node:util";
import { startSimulated } from "./server.ts";

/**
 * A simulated JobManager as a process of its own: prints `simulated Flink at <url>` and runs until its standard input
 * ends (so it never outlives whoever started it) or a signal comes.
 * Options: --port 0, --version 2.3.0, --slots 4, --job name (repeatable), --linger (ignore the end of standard input).
 */
const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    version: { type: "string", default: "2.3.0" },
    slots: { type: "string", default: "4" },
    job: { type: "string", multiple: true, default: [] },
    linger: { type: "boolean", default: false },
  },
});
const flink = await startSimulated({
  port: Number(values.port),
  version: values.version,
  slots: Number(values.slots),
});
for (const name of values.job) await flink.control.addJob({ name });
console.log(`simulated Flink at ${flink.url}`);

const end = (): void => {
  void flink.stop().then(() => process.exit(0));
};
process.once("SIGTERM", end);
process.once("SIGINT", end);
if (!values.linger) process.stdin.once("end", end).once("error", end).resume();
