import { expect, test } from "vitest";
import { plain } from "../../src/model/text.ts";
import { aJob, checkpointsOf, FakeFlinkReads, T0 } from "../fakes/flink-reads.ts";
import { anEntry, aState, JAR } from "../fakes/knowledge.ts";
import { Drive } from "./drive.ts";

/** The terms stay on a card whose job has long ended: they say how it was, and when. */
const stale =
  /\bago\b|\b(?:is|has been) (?:RUNNING|CREATED|RESTARTING)|\bit has run\b|\bFlink lists\b|\bare (?:free|not running)/u;

test.each<[string, (flink: FakeFlinkReads) => void]>([
  ["stop orders", () => undefined],
  ["stop orders", (f) => (f.theCheckpoints = checkpointsOf())],
  ["restart orders", () => undefined],
  ["restart orders", (f) => (f.theJob = aJob({ stateSince: null }))],
  ["rollback orders --from s3://bucket/savepoints/sp-1", () => undefined],
  ["rollback orders --from s3://bucket/savepoints/sp-1", (f) => (f.theJob = aJob({ state: "RESTARTING" }))],
  ["cancel orders", () => undefined],
  ["cancel orders", (f) => (f.theCheckpoints = checkpointsOf())],
  ["cancel orders --with-savepoint", () => undefined],
  ["savepoint orders", () => undefined],
  ["scale orders 4", (f) => (f.theCapabilities = { ...f.theCapabilities, slotsFree: 0, elastic: true })],
  ["run orders", (f) => (f.theJob = null)],
  ["dispose s3://bucket/savepoints/sp-1", (f) => (f.theJob = null)],
])(
  "what a card says of a job when it was asked is not said in the present tense: %s",
  async (text, change) => {
    const flink = new FakeFlinkReads();
    flink.theJars = [{ id: JAR, name: "orders-1.0.jar", uploadedAt: T0 - 7_200_000, entryClasses: [] }];
    change(flink);
    const drive = new Drive(text, flink);
    drive.known.catalogue = { entries: [anEntry()], anyJarOn: [] };
    drive.known.states = [
      aState({ path: "s3://bucket/savepoints/sp-1", jobId: "other" }),
      aState({ path: "s3://bucket/savepoints/sp-2", jobId: "other", at: T0 - 10_000 }),
    ];
    const { losses, warnings, details } = await drive.intended();
    for (const line of [...losses, ...warnings, ...details].map(plain)) expect(line).not.toMatch(stale);
  },
);
