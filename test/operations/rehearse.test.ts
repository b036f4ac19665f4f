import { describe, expect, it, test, vi } from "vitest";
import { isRehearsalName, rehearsalName } from "../../src/model/rehearsal.ts";
import { plain } from "../../src/model/text.ts";
import {
  aCheckpoint,
  anException,
  aVertex,
  checkpointsOf,
  JOB_ID,
  plannedAs,
  T0,
} from "../fakes/flink-reads.ts";
import { anEntry } from "../fakes/knowledge.ts";
import { itself, LOCATION, NAME, NEW_JAR, running, start, toEnd, vertices } from "./a-rehearsal.ts";
import { DIRECTORY, EFFECT_ID } from "./drive.ts";

describe("a rehearsal", () => {
  it("is bound to the jar, its own arguments and its own name, and is no destructive change", async () => {
    const { drive, flink } = start();
    const intent = await drive.intended();
    expect(plain(intent.headline)).toBe("Rehearse orders with orders-1.1.jar");
    const said = intent.details.map(plain).join("\n");
    expect(said).toContain(
      `The rehearsal runs as ${NAME} at parallelism 1, from a savepoint to ${DIRECTORY}-rehearsal`,
    );
    expect(said).toContain("orders continues meanwhile.");
    expect(said).toContain("is not within 1 m, it is cancelled and its savepoint deleted.");
    expect(intent.binds).toMatchObject({
      launch: { jar: NEW_JAR, as: NAME, args: { shown: ["--name", NAME, "--sink", "none"] } },
    });
    expect(intent.class).toBeUndefined();
    expect(flink.planned).toMatchObject([{ as: NAME, args: ["--name", NAME, "--sink", "none"] }]);
    expect(await drive.holds()).toEqual([{ job: JOB_ID }, { name: "orders" }]);
  });

  test.each<[string, (w: ReturnType<typeof start>) => void, string]>([
    [
      "without a way to rehearse it",
      ({ drive }) => (drive.known.catalogue = { entries: [anEntry()], anyJarOn: [] }),
      "orders cannot be rehearsed: its catalog entry has no rehearsal",
    ],
    [
      "where it would have the name of the job",
      ({ flink }) => (flink.thePlan = () => plannedAs(vertices)),
      `The rehearsal would be called orders, not ${NAME}`,
    ],
    [
      "where its name is not known",
      ({ flink }) => (flink.thePlan = () => ({ is: "not told", why: "live does not plan jars" })),
      "Flink does not tell which name the program would give the job (live does not plan jars)",
    ],
    [
      "where it would drop state",
      ({ flink }) => (flink.thePlan = ({ as }) => plannedAs([aVertex()], 1, as)),
      "The new version would not take the state of Window (18 MB)",
    ],
    [
      "of the last free slot",
      ({ flink }) => (flink.theCapabilities = { ...flink.theCapabilities, slotsFree: 1 }),
      "A rehearsal at parallelism 1 must leave a slot free for the jobs that run. It needs 1 slot; 0 of 4 are free for it.",
    ],
    [
      "without a free slot",
      ({ flink }) => (flink.theCapabilities = { ...flink.theCapabilities, slotsFree: 0 }),
      "It needs 1 slot; 0 of 4 are free for it.",
    ],
  ])("is refused %s", async (_name, change, why) => {
    const world = start();
    change(world);
    expect(await world.drive.refusal()).toContain(why);
  });

  it("shows where the snippet goes that makes it possible", async () => {
    const { drive } = start("rehearse orders", null);
    expect(await drive.refusal()).toContain('rehearsal: { args: [--name, "{name}", --sink, none]');
  });

  it("takes a savepoint of the job, and starts from it under its own id", async () => {
    const { drive, flink } = start();
    await drive.intended();
    expect(await drive.effect()).toEqual({
      do: "savepoint",
      jobId: JOB_ID,
      directory: `${DIRECTORY}-rehearsal`,
      format: "CANONICAL",
    });
    flink.triggers.set(EFFECT_ID, { is: "completed", location: LOCATION });
    expect(await drive.observe()).toMatchObject({
      kind: "next",
      phase: "rehearsal",
      result: { location: LOCATION },
    });
    expect(await drive.effect(running)).toMatchObject({
      do: "run",
      jobId: EFFECT_ID,
      from: LOCATION,
      as: NAME,
    });
  });

  it("is found again by its own directory, not by that of another savepoint of the request", async () => {
    const { drive, flink } = start();
    await drive.intended();
    const sp = aCheckpoint({ isSavepoint: true, path: `${DIRECTORY}/savepoint-2`, triggeredAt: T0 });
    flink.theCheckpoints = checkpointsOf(sp);
    expect((await drive.observe()).kind).toBe("pending");
    flink.theCheckpoints = checkpointsOf({ ...sp, path: LOCATION });
    expect(await drive.observe()).toMatchObject({ phase: "rehearsal", result: { location: LOCATION } });
  });

  it("ends where there is no savepoint, and the job was not touched", async () => {
    const { drive, flink } = start();
    await drive.intended();
    flink.triggers.set(EFFECT_ID, { is: "failed", reason: "disk full", usable: null });
    expect(await drive.ending()).toBe(
      "failed: The rehearsal of orders failed\nThere is no savepoint for it: disk full\norders was not touched.",
    );
  });

  it("is cancelled once it is healthy, with what it restored", async () => {
    const { drive, flink } = start();
    await drive.intended();
    itself(flink, { stateSince: T0 });
    flink.theCheckpoints = checkpointsOf(
      aCheckpoint({ triggeredAt: T0 + 1_000 }),
      aCheckpoint({ id: 6, isSavepoint: true, path: LOCATION, triggeredAt: T0 - 1_000 }),
    );
    const most = { min: 0, max: 900, sum: 900, avg: 900 };
    flink.vertexLoads = { aaaa0000000000000000000000000001: { numRecordsOut: most } };
    const seen = await drive.observe({ ...running, waited: 60_000 });
    expect(seen).toMatchObject({
      kind: "next",
      phase: "rehearsal-cancel",
      result: {
        is: "healthy",
        jobId: EFFECT_ID,
        tookMs: 60_000,
        restored: { bytes: 18_000_265, vertices: 2, recordsPerSecond: 45 },
      },
    });
  });

  it("is read once per look: its name, its failures and its condition come from the same answers", async () => {
    const { drive, flink } = start();
    await drive.intended();
    itself(flink, { state: "RESTARTING" });
    const asked = (["sighting", "job", "checkpoints", "checkpointConfig", "exceptions"] as const).map((of) =>
      vi.spyOn(flink, of),
    );
    expect((await drive.observe(running)).kind).toBe("pending");
    expect(asked.map((of) => of.mock.calls.length)).toEqual([1, 1, 1, 1, 1]);
  });

  it("has a name of its own also where it has finished by then", async () => {
    const { drive, flink } = start();
    await drive.intended();
    itself(flink, { state: "FINISHED", name: "orders" });
    expect(await drive.observe(running)).toMatchObject({ result: { is: "failed" } });
    itself(flink, { state: "FINISHED" });
    expect(await drive.observe(running)).toMatchObject({
      phase: "rehearsal-dispose",
      result: { is: "healthy" },
    });
  });

  it("fails at once where it fails again and again for the same reason, and is cancelled", async () => {
    const { drive, flink } = start();
    await drive.intended();
    itself(flink, { state: "RESTARTING" });
    flink.theExceptions = [1, 2].map((n) => anException({ at: T0 + n * 1000 }));
    expect((await drive.observe(running)).kind).toBe("pending");
    flink.theExceptions = [1, 2, 3].map((n) => anException({ at: T0 + n * 1000 }));
    expect(await drive.observe(running)).toMatchObject({
      phase: "rehearsal-cancel",
      result: { is: "failed", jobId: EFFECT_ID },
    });
  });

  test.each(["CANCELLING", "CANCELED"] as const)(
    "proves nothing where others have cancelled it (%s)",
    async (state) => {
      const { drive, flink } = start();
      await drive.intended();
      itself(flink, { state });
      const result = { is: "unknown", lines: ["Someone else cancelled it before it was healthy."] };
      expect(await drive.observe({ ...running, waited: 61_000 })).toMatchObject({ kind: "next", result });
      const sent = { is: "accepted" as const, answer: { disposal: "d1" } };
      const effect = { do: "dispose" as const, path: LOCATION };
      flink.disposals.set("d1", { is: "done" });
      const report = await drive.report({ phase: "rehearsal-dispose", ...toEnd(result), effect, sent });
      expect(`${report.outcome}: ${plain(report.headline)}`).toBe(
        "unknown: The rehearsal of orders showed nothing",
      );
      expect(report.facts).toEqual({ disposed: LOCATION });
    },
  );

  it("is cancelled at once where it has another name than planned, and where nothing is seen of it", async () => {
    const { drive, flink } = start();
    await drive.intended();
    itself(flink, { name: "orders" });
    expect(await drive.observe(running)).toMatchObject({
      phase: "rehearsal-cancel",
      result: { is: "failed" },
    });
    flink.theJob = null;
    expect(await drive.observe({ ...running, waited: 61_000 })).toMatchObject({
      phase: "rehearsal-cancel",
      result: { is: "unknown" },
    });
    expect((await drive.limit(running))?.decides).toContain('"phase":"rehearsal-cancel"');
  });

  it("needs no cancel where Flink did not start it, or it has ended", async () => {
    const { drive, flink } = start();
    await drive.intended();
    const refused = { is: "refused" as const, reason: "Bad jar." };
    expect(await drive.observe({ ...running, sent: refused })).toMatchObject({
      phase: "rehearsal-dispose",
      result: { is: "failed", lines: [["Flink did not start it: ", "Bad jar."]] },
    });
    itself(flink, { state: "FAILED" });
    flink.theFailure = "Cannot map checkpoint/savepoint state for operator x";
    expect(await drive.observe(running)).toMatchObject({
      phase: "rehearsal-dispose",
      result: { is: "failed" },
    });
  });

  it("has ended before its savepoint is deleted; a lost cancel is sent again", async () => {
    const { drive, flink } = start();
    await drive.intended();
    const cancelling = { phase: "rehearsal-cancel", ...toEnd() };
    const effect = { do: "cancel" as const, jobId: EFFECT_ID };
    expect(await drive.effect(cancelling)).toEqual(effect);
    itself(flink, { state: "CANCELLING" });
    expect(await drive.note(cancelling)).toBe("The rehearsal is being cancelled (CANCELLING)");
    itself(flink, { state: "RUNNING" });
    expect(await drive.observe({ ...cancelling, effect, waited: 31_000 })).toMatchObject({
      phase: "rehearsal-cancel",
    });
    itself(flink, { state: "CANCELED" });
    expect(await drive.observe(cancelling)).toMatchObject({ phase: "rehearsal-dispose" });
    itself(flink, { state: "RUNNING" });
    const over = await drive.report({ ...cancelling, late: true });
    expect(`${over.outcome}: ${plain(over.headline)}`).toBe("partly: The rehearsal of orders was not ended");
    expect(over.facts).toMatchObject({ location: LOCATION });
    expect(over.offers?.[0]).toMatchObject({ operation: "cancel", args: { job: `prod/${EFFECT_ID}` } });
    flink.theJob = null;
    expect((await drive.report({ ...cancelling, late: true, processes: ["other"] })).outcome).toBe("unknown");
  });

  it("deletes its savepoint, and leaves what later cards show of it", async () => {
    const { drive, flink } = start();
    await drive.intended();
    const restored = { bytes: 41_000_000, vertices: 3, recordsPerSecond: 95, originalRecordsPerSecond: 100 };
    const ending = { phase: "rehearsal-dispose", ...toEnd({ restored }) };
    const effect = { do: "dispose" as const, path: LOCATION };
    expect(await drive.effect(ending)).toEqual(effect);
    const sent = { is: "accepted" as const, answer: { disposal: "d1" } };
    flink.disposals.set("d1", { is: "done" });
    const over = await drive.report({ ...ending, effect, sent });
    expect([`${over.outcome}: ${plain(over.headline)}`, ...over.lines.map(plain)]).toEqual([
      "done: The rehearsal of orders was healthy after 12 s",
      "Every task was running.",
      "It restored 41 MB of state of 3 vertices.",
      "95/s out of its sources (100/s in the job).",
      "Its savepoint is deleted.",
      "orders was not touched.",
    ]);
    expect(over.facts).toMatchObject({
      disposed: LOCATION,
      rehearsed: { is: "healthy", jar: NEW_JAR, tookMs: 12_000, bytes: 41_000_000 },
    });
    expect(over.offers?.[0]).toMatchObject({ operation: "restart", args: { jar: NEW_JAR } });
    expect(await drive.observe({ ...ending, effect, sent: { is: "unknown", looked: "" } })).toMatchObject({
      phase: "rehearsal-dispose",
      result: { visit: 2 },
    });
  });

  it("keeps its savepoint where that was asked for, or something was started from it", async () => {
    const kept = start("rehearse orders --keep");
    await kept.drive.intended();
    const ending = { phase: "rehearsal-dispose", ...toEnd() };
    expect(await kept.drive.effect(ending)).toBeNull();
    expect(await kept.drive.ending(ending)).toContain(`Its savepoint is kept: ${LOCATION}`);
    const used = start();
    await used.drive.intended();
    const restored = { id: 1, at: T0, path: LOCATION, isSavepoint: true, times: 1 };
    used.flink.theCheckpoints = { ...checkpointsOf(), latestRestored: restored };
    expect(await used.drive.effect(ending)).toBeNull();
    expect(await used.drive.ending(ending)).toContain("is kept: a job was started from it");
  });
});

test("the name of a rehearsal is told from that of a job", () => {
  expect(rehearsalName("orders", "r212ef3612345")).toBe("orders rehearsal r212ef36");
  expect(isRehearsalName("orders rehearsal r212ef36")).toBe(true);
  expect(isRehearsalName("orders rehearsal")).toBe(false);
});
