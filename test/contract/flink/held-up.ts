import { createClusters } from "../../../src/flink/clusters.ts";
import { clusterAt } from "./bench.ts";

/** A sender that is stopped between the decision to send and the sending. Arguments: url, job id, lease in ms. */
const [url = "", jobId = "", lease = "0"] = process.argv.slice(2);
const clusters = createClusters([clusterAt(url)]);
const effect = { do: "savepoint", jobId, directory: "file:///sp/held-up", format: "CANONICAL" } as const;
const sending = clusters
  .get("bench")
  ?.effects.perform(effect, "c".repeat(32), { untilMonotonicMs: performance.now() + Number(lease) });
process.kill(process.pid, "SIGSTOP");
const outcome = await sending?.then(
  (sent) => sent.is,
  (error: unknown) => (error instanceof Error ? error.name : "?"),
);
console.log(outcome);
await clusters.close();
