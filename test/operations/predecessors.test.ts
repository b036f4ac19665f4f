import { describe, expect, test } from "vitest";
import { FlinkUnreachable } from "../../src/model/errors.ts";
import { plain } from "../../src/model/text.ts";
import { uncertainPredecessors, waitForPredecessors } from "../../src/operations/plans/predecessors.ts";
import { aJob, FakeFlinkReads, JOB_ID, T0 } from "../fakes/flink-reads.ts";
import { anEntry, aState, FakeKnowledge, JAR } from "../fakes/knowledge.ts";
import { Drive } from "./drive.ts";

/** A JobManager that reads its jobs back lists none of them for some seconds; the job of that name may still run. */
function briefly(seen: { absentMs: number; answers: number }) {
  const flink = new FakeFlinkReads();
  flink.theJob = null;
  flink.theJars = [{ id: JAR, name: "orders-1.0.jar", uploadedAt: T0 - 3_600_000, entryClasses: [] }];
  const drive = new Drive("resume orders", flink);
  Object.assign(drive.known, {
    catalogue: { entries: [anEntry()], anyJarOn: [] },
    states: [aState()],
    seen: [{ jobId: JOB_ID, ...seen }],
  });
  return { flink, drive };
}

describe("resume while Flink does not list the job that ran last", () => {
  test("is no start that one operator may decide alone, and says what it may come to", async () => {
    const { drive } = briefly({ absentMs: 0, answers: 0 });
    const intent = await drive.intended();
    expect(intent.class).toBe("destructive");
    expect(intent.warnings.map(plain).join("\n")).toMatch(
      /^Job 3f9c0000 was alive when flinkops last saw it, .* If it comes back, two jobs run at once\.$/mu,
    );
  });

  test.each<[string, number, number, "destructive" | undefined]>([
    ["for long enough, by enough answers: it is gone", 60_000, 3, undefined],
    ["for long, by one answer: that is none", 600_000, 1, "destructive"],
    ["by many answers within a moment: a JobManager may take longer", 1_000, 30, "destructive"],
  ])("absent %s", async (_name, absentMs, answers, expected) => {
    const intent = await briefly({ absentMs, answers }).drive.intended();
    expect(intent.class).toBe(expected);
  });
});

const at = (flink: FakeFlinkReads, known: FakeKnowledge) => ({
  args: {},
  target: { kind: "name", cluster: "prod", name: "orders" } as const,
  actor: "U1",
  requestId: "r1",
  now: T0,
  flink,
  known,
});

const world = () => {
  const flink = new FakeFlinkReads();
  flink.theJob = null;
  const known = Object.assign(new FakeKnowledge(), { seen: [{ jobId: JOB_ID, absentMs: 0, answers: 0 }] });
  const waits = async () => {
    const found = await waitForPredecessors(at(flink, known));
    if (found.is === "go") return "nothing";
    return found.is === "no" ? `refused: ${plain(found.why)}` : plain(found.words);
  };
  return { flink, known, waits };
};

describe("the start of it", () => {
  test("waits until the job has been absent for long enough, and then waits no more", async () => {
    const { flink, waits } = world();
    flink.sightings.set(JOB_ID, { is: "absent", forMs: 59_000, answers: 60, by: ["jm-1"] });
    expect(await waits()).toBe(
      "Flink does not list job 3f9c0000, the last one of this name; waiting 1 m for it to come back.",
    );
    flink.sightings.set(JOB_ID, { is: "absent", forMs: 600_000, answers: 2, by: ["jm-1"] });
    expect(await waits()).toContain("waiting 1 m");
    flink.sightings.set(JOB_ID, { is: "absent", forMs: 60_000, answers: 3, by: ["jm-1"] });
    expect(await waits()).toBe("nothing");
  });

  test("never passes a job that is there after all, or a cluster that does not answer", async () => {
    const { flink, waits } = world();
    flink.sightings.set(JOB_ID, { is: "alive", state: "RESTARTING" });
    expect(await waits()).toBe("refused: orders is already running: job 3f9c0000 is RESTARTING.");
    // listed again since the plan was made
    flink.theJob = aJob();
    flink.sightings.clear();
    expect(await waits()).toBe("refused: orders is already running: job 3f9c0000 is RUNNING.");
    flink.theJob = null;
    flink.sightings.set(JOB_ID, { is: "unanswered", forMs: 600_000, refused: false });
    expect(await waits()).toBe("The cluster does not answer; still trying.");
    flink.down = new FlinkUnreachable("connect ECONNREFUSED", "no");
    await expect(waits()).rejects.toBe(flink.down);
  });

  test("knows also the jobs that requests of the last hour have started, and none that they did not", async () => {
    const { flink, known } = world();
    const request = {
      headline: "Start orders",
      actor: "U1",
      jobId: "",
      jobName: "orders",
      savepoint: null,
      ended: null,
      link: null,
      state: "over",
    } as const;
    const [sent, never, old] = ["1", "2", "3"].map((n) => n.repeat(32)) as [string, string, string];
    known.seen = [];
    known.requests = [
      { ...request, id: "r2", askedAt: T0 - 1000, launched: [{ jobId: sent, fate: "sent" }] },
      { ...request, id: "r3", askedAt: T0 - 1000, launched: [{ jobId: never, fate: "never" }] },
      { ...request, id: "r4", askedAt: T0 - 7_200_000, launched: [{ jobId: old, fate: "sent" }] },
      { ...request, id: "r1", askedAt: T0, launched: [{ jobId: old, fate: "coming" }] },
    ];
    expect(await uncertainPredecessors(at(flink, known), [])).toEqual([sent]);
  });
});
