import { type SimulatedFlink, startSimulated } from "../../playground/flink/simulated/server.ts";

/**
 * Simulated JobManagers with jobs, in a process of their own, so that the ones who call them are not slowed down by them.
 * Arguments: how many, and how many jobs each has. Prints one line of JSON: their addresses. Ends when its standard input
 * does, or by SIGTERM.
 */
const [clusters = 1, jobs = 1] = process.argv.slice(2).map(Number);
const AT_ONCE = 50;
const all: SimulatedFlink[] = [];
for (let c = 0; c < clusters; c += 1) {
  const flink = await startSimulated({ slots: jobs, timings: { snapshotMs: 3_600_000 } });
  for (let i = 0; i < jobs; i += AT_ONCE)
    await Promise.all(
      Array.from({ length: Math.min(AT_ONCE, jobs - i) }, async (_, n) =>
        flink.control.addJob({ name: `job-${c}-${i + n}` }),
      ),
    );
  all.push(flink);
}
console.log(JSON.stringify(all.map(({ url }) => url)));
process.once("SIGTERM", () => {
  void Promise.all(all.map(async (flink) => await flink.stop())).then(() => process.exit(0));
});
