import type { CatalogueEntry } from "../../src/model/catalog.ts";
import { rehearsalName } from "../../src/model/rehearsal.ts";
import { aJob, aVertex, FakeFlinkReads, plannedAs, T0 } from "../fakes/flink-reads.ts";
import { anEntry, JAR } from "../fakes/knowledge.ts";
import { DIRECTORY, Drive, EFFECT_ID, REQUEST_ID } from "./drive.ts";

/** What the rehearsal is called. */
export const NAME = rehearsalName("orders", REQUEST_ID);
/** Its savepoint. */
export const LOCATION = `${DIRECTORY}-rehearsal/savepoint-1`;
const STARTED = T0 - 3_600_000;
/** The id of the jar that is rehearsed. */
export const NEW_JAR = "2222-orders-1.1.jar";
/** The vertices of the job, and of the new version. */
export const vertices = [aVertex(), aVertex({ id: "bbbb0000000000000000000000000002", name: "Window" })];

/** Its arguments name it, and write nowhere. */
const rehearsal = (over = {}): NonNullable<CatalogueEntry["rehearsal"]> => ({
  args: ["--name", "{name}", "--sink", "none"],
  digests: ["of the rehearsal"],
  parallelism: 1,
  healthyWithin: 60_000,
  ...over,
});

/** A request to rehearse orders, on a Flink that has the old jar and the new one. */
export const start = (text = "rehearse orders", how: CatalogueEntry["rehearsal"] = rehearsal()) => {
  const flink = new FakeFlinkReads();
  flink.theJars = [
    { id: NEW_JAR, name: "orders-1.1.jar", uploadedAt: T0 - 60_000, entryClasses: [] },
    { id: JAR, name: "orders-1.0.jar", uploadedAt: STARTED - 60_000, entryClasses: [] },
  ];
  flink.thePlan = ({ as, parallelism }) => plannedAs(vertices, parallelism, as);
  const drive = new Drive(text, flink);
  drive.known.catalogue = { entries: [anEntry({ rehearsal: how })], anyJarOn: [] };
  return { flink, drive };
};

/** What flinkops sees of the rehearsal itself; the job is no longer what is asked about. */
export const itself = (flink: FakeFlinkReads, over: Parameters<typeof aJob>[0] = {}): void => {
  flink.theJob = aJob({ jobId: EFFECT_ID, name: NAME, startedAt: T0, now: T0 + 20_000, ...over });
};
/** The result of its savepoint. */
export const saved = { "rehearsal-savepoint": { location: LOCATION, savedAt: T0 + 5000 } };
/** It was started. */
export const running = { phase: "rehearsal", results: saved, waited: 20_000 };
/** The result of a rehearsal that was healthy. */
export const verdict = {
  is: "healthy",
  lines: ["Every task was running."],
  tookMs: 12_000,
  jobId: EFFECT_ID,
};
/** It has its verdict. */
export const toEnd = (over: object = {}) => ({ results: { ...saved, rehearsal: { ...verdict, ...over } } });
