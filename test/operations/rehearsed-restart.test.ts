import { expect, it } from "vitest";
import { rehearsalName } from "../../src/model/rehearsal.ts";
import { plain } from "../../src/model/text.ts";
import { aVertex, FakeFlinkReads, JOB_ID, plannedAs, T0 } from "../fakes/flink-reads.ts";
import { anEntry, JAR } from "../fakes/knowledge.ts";
import { DIRECTORY, Drive, EFFECT_ID, REQUEST_ID } from "./drive.ts";

const NAME = rehearsalName("orders", REQUEST_ID);
const LOCATION = `${DIRECTORY}-rehearsal/savepoint-1`;
const NEW_JAR = "2222-orders-1.1.jar";
const vertices = [aVertex(), aVertex({ id: "bbbb0000000000000000000000000002", name: "Window" })];
const start = (text = "restart orders --jar newest --rehearse") => {
  const flink = new FakeFlinkReads();
  flink.theJars = [
    { id: NEW_JAR, name: "orders-1.1.jar", uploadedAt: T0 - 60_000, entryClasses: [] },
    { id: JAR, name: "orders-1.0.jar", uploadedAt: T0 - 3_660_000, entryClasses: [] },
  ];
  flink.thePlan = ({ as, parallelism }) => plannedAs(vertices, parallelism, as);
  const drive = new Drive(text, flink);
  const rehearsal = { args: ["{name}"], digests: ["of it"] as const, parallelism: 1, healthyWithin: null };
  drive.known.catalogue = { entries: [anEntry({ rehearsal })], anyJarOn: [] };
  return { flink, drive };
};
/** The end of the rehearsal, its savepoint deleted. */
const over = (verdict: object) => ({
  phase: "rehearsal-dispose",
  effect: { do: "dispose" as const, path: LOCATION },
  sent: { is: "accepted" as const, answer: { disposal: "d1" } },
  results: {
    "rehearsal-savepoint": { location: LOCATION },
    rehearsal: { lines: ["It is FAILED."], tookMs: 12_000, jobId: EFFECT_ID, ...verdict },
  },
});

it("is one request: what is rehearsed and what is restarted are bound together", async () => {
  const { drive } = start();
  expect(drive.operation).toBe("rehearsed-restart");
  const intent = await drive.intended();
  expect(plain(intent.headline)).toBe("Restart orders with orders-1.1.jar, if a rehearsal is healthy");
  expect(intent.binds).toMatchObject({
    restart: { there: { jar: NEW_JAR }, back: { jar: JAR } },
    rehearsal: { jar: NEW_JAR, as: NAME, parallelism: 1 },
  });
  expect(await drive.effect()).toMatchObject({ do: "savepoint", directory: `${DIRECTORY}-rehearsal` });
  expect(await drive.effect({ phase: "stop" })).toMatchObject({
    do: "stop",
    jobId: JOB_ID,
    directory: DIRECTORY,
  });
});

it("has a card that is short enough for a phone, with everything that an approver agrees to", async () => {
  const { drive } = start();
  const { details, losses } = await drive.intended();
  expect(losses).toEqual([]);
  expect(details.map(plain)).toEqual([
    "It had been RUNNING for 1 h when this was asked. Last checkpoint 41 s before this was asked: 18.2 GB, took 350 ms.",
    `The rehearsal runs as ${NAME} at parallelism 1, from a savepoint to ${DIRECTORY}-rehearsal, with the catalog's arguments for it. Once it is healthy, or is not within 5 m, it is cancelled and its savepoint deleted. orders continues meanwhile.`,
    `If the rehearsal is healthy, orders is stopped with a savepoint to ${DIRECTORY} and started from there, parallelism 1 (unchanged).`,
    "Jar orders-1.1.jar, uploaded 2027-01-15 07:59 UTC.",
    "The new version takes all of the state: 2 of 2 vertices, 18 MB.",
    "If the new job is not healthy within 5 m and has completed no checkpoint, it is cancelled, and orders-1.0.jar at parallelism 1 runs from the same savepoint again.",
  ]);
});

it("says before the stop that the savepoint of the rehearsal was not deleted", async () => {
  const { drive, flink } = start();
  await drive.intended();
  flink.disposals.set("d1", { is: "failed", reason: "disk full", missing: false });
  const next = await drive.observe(over({ is: "healthy" }));
  const said = next.kind === "next" ? plain(next.milestone ?? "") : "";
  expect(said).toBe(`The rehearsal has ended. Its savepoint was not deleted: disk full: ${LOCATION}`);
});

it("is refused like a rehearsal, and like a restart", async () => {
  const full = start();
  full.flink.theCapabilities = { ...full.flink.theCapabilities, slotsFree: 1 };
  expect(await full.drive.refusal()).toContain("must leave a slot free");
  const stray = start();
  stray.drive.known.catalogue = { entries: [], anyJarOn: [] };
  expect(await stray.drive.refusal()).toContain("not in the catalog");
});

it("stops the job only after a healthy rehearsal that has ended", async () => {
  const { drive, flink } = start();
  await drive.intended();
  flink.disposals.set("d1", { is: "done" });
  expect(await drive.observe(over({ is: "healthy" }))).toMatchObject({ kind: "next", phase: "stop" });
  expect(await drive.ending(over({ is: "failed" }))).toBe(
    "failed: orders was not restarted: its rehearsal failed\nIt is FAILED.\nIts savepoint is deleted.\norders was not touched.",
  );
  expect(await drive.ending(over({ is: "unknown" }))).toContain(
    "unknown: orders was not restarted: its rehearsal showed nothing",
  );
  const left = { ...over({ is: "healthy" }), phase: "rehearsal-cancel", late: true };
  flink.sightings.set(EFFECT_ID, { is: "alive", state: "RUNNING" });
  const report = await drive.report(left);
  expect(`${report.outcome}: ${plain(report.headline)}`).toBe(
    "partly: orders was not restarted: its rehearsal may still run",
  );
  expect(report.offers?.[0]?.label).toBe("Cancel the rehearsal");
});
