import { describe, expect, test } from "vitest";
import { plain } from "../../src/model/text.ts";
import { aJob, checkpointsOf, FakeFlinkReads, T0 } from "../fakes/flink-reads.ts";
import { anEntry, JAR } from "../fakes/knowledge.ts";
import { DIRECTORY, Drive } from "./drive.ts";

const LOCATION = `${DIRECTORY}/savepoint-1`;
const NEW_ID = "0000000000000000000000000000beef";
const THEIRS = "7777000000000000000000000000cafe";
const another = aJob({ jobId: THEIRS });

/** Each has just ended a job, and would start one of its name next. */
const MOMENTS = [
  {
    text: "restart orders",
    moment: { phase: "stopped", results: { stop: { location: LOCATION } } },
    next: "run",
    saved: true,
  },
  {
    text: "restart orders",
    moment: {
      phase: "cancel",
      results: {
        stop: { location: LOCATION },
        stopped: { location: LOCATION },
        run: { jobId: NEW_ID, why: [] },
      },
    },
    next: "back",
    saved: true,
  },
  {
    text: `rollback orders --from ${LOCATION}`,
    moment: { phase: "cancel", results: {} },
    next: "run",
    saved: false,
  },
];

/** It was asked for, and by now the job has ended. */
async function ended(text: string, change: (flink: FakeFlinkReads) => void = () => undefined) {
  const flink = new FakeFlinkReads();
  flink.theJars = [{ id: JAR, name: "orders-1.0.jar", uploadedAt: T0 - 7_200_000, entryClasses: [] }];
  change(flink);
  const drive = new Drive(text, flink);
  drive.known.catalogue = { entries: [anEntry()], anyJarOn: [] };
  await drive.intended();
  flink.theJob = aJob({ state: "FINISHED", endedAt: T0 });
  flink.sightings.set(NEW_ID, { is: "ended", state: "CANCELED" });
  flink.theCheckpoints = checkpointsOf();
  return { flink, drive };
}

describe.each(MOMENTS)("$text, before its phase $next", ({ text, moment, next, saved }) => {
  test("continues if nothing has taken the job's place", async () => {
    const { drive } = await ended(text);
    expect(await drive.observe(moment)).toMatchObject({ kind: "next", phase: next });
  });

  test("starts no second job next to one that someone else has started meanwhile, and names the savepoint", async () => {
    const { flink, drive } = await ended(text);
    flink.others = [another];
    const report = await drive.report(moment);
    expect(report.outcome).toBe("partly");
    expect(plain(report.headline)).toBe(
      "orders has ended and was not started again: another job has its name",
    );
    const lines = report.lines.map(plain);
    expect(lines[0]).toContain(`Job ${THEIRS}, which someone else started, is RUNNING.`);
    expect(lines.at(-1)).toBe("Nothing was started.");
    expect(lines.some((l) => l.includes(LOCATION))).toBe(saved);
  });

  test("waits for one that was seen and is not listed just now; what stays unknown is said", async () => {
    const { flink, drive } = await ended(text);
    drive.known.seen = [{ jobId: THEIRS, absentMs: 0, answers: 0 }];
    flink.sightings.set(THEIRS, { is: "absent", forMs: 1000, answers: 4, by: ["jm-1"] });
    expect(await drive.observe(moment)).toMatchObject({ kind: "pending" });
    expect((await drive.report({ ...moment, late: true })).outcome).toBe("unknown");
    flink.sightings.set(THEIRS, { is: "absent", forMs: 60_000, answers: 4, by: ["jm-1"] });
    expect(await drive.observe(moment)).toMatchObject({ kind: "next", phase: next });
  });
});

test("a restart ignores a job of its name that was already running when it was requested", async () => {
  const { drive } = await ended("restart orders", (flink) => {
    flink.others = [another];
  });
  const moment = { phase: "stopped", results: { stop: { location: LOCATION } } };
  expect(await drive.observe(moment)).toMatchObject({ kind: "next", phase: "run" });
});
