import { describe, expect, it } from "vitest";
import { FlinkUnreachable } from "../../src/model/errors.ts";
import { aCheckpoint, anException, checkpointsOf, FakeFlinkReads, T0 } from "../fakes/flink-reads.ts";
import { DIRECTORY, Drive, EFFECT_ID } from "./drive.ts";

const SUSPENDING = "Checkpoint Coordinator is suspending.";
const late = (): FakeFlinkReads =>
  Object.assign(new FakeFlinkReads(), { down: new FlinkUnreachable("not read within 2 s", "maybe") });

async function start(text = "savepoint orders") {
  const flink = new FakeFlinkReads();
  const drive = new Drive(text, flink);
  await drive.intended();
  return { flink, drive };
}

describe("a reason that only says that the job was not running", () => {
  it.each([SUSPENDING, "CheckpointCoordinator shutdown.", "The Flink job is currently not executing."])(
    "%s comes with the job's own exception",
    async (reason) => {
      const { flink, drive } = await start();
      flink.triggers.set(EFFECT_ID, { is: "failed", reason, usable: null });
      flink.theExceptions = [
        anException({ cause: "IOException", message: "upstream broker went away", at: T0 - 2000 }),
      ];
      expect(await drive.ending()).toBe(
        `failed: No savepoint of orders\n${reason}\nIts last exception, 2 s ago: IOException: upstream broker went away\nThe job is RUNNING.`,
      );
    },
  );

  it("is that of a stop as well", async () => {
    const { flink, drive } = await start("stop orders");
    flink.theExceptions = [anException({ cause: "IOException", message: "upstream broker went away" })];
    const results = { stop: { location: null, reason: SUSPENDING, usable: null } };
    expect(await drive.ending({ phase: "verify", results })).toContain(
      `${SUSPENDING}\nIts last exception, 5 s ago: IOException: upstream broker went away`,
    );
  });

  it("is told without it where it cannot be read in time, and other reasons stand for themselves", async () => {
    const { flink, drive } = await start();
    flink.triggers.set(EFFECT_ID, { is: "failed", reason: SUSPENDING, usable: null });
    flink.decoration = late();
    expect(await drive.ending()).toBe(`failed: No savepoint of orders\n${SUSPENDING}\nThe job is RUNNING.`);
    flink.decoration = flink;
    flink.theExceptions = [anException()];
    flink.triggers.set(EFFECT_ID, { is: "failed", reason: "the disk is full", usable: null });
    expect(await drive.ending()).not.toContain("last exception");
  });
});

describe("the size of a savepoint", () => {
  const location = `${DIRECTORY}/with space/savepoint-1`;
  const done = async () => {
    const { flink, drive } = await start();
    flink.triggers.set(EFFECT_ID, { is: "completed", location });
    flink.theCheckpoints = checkpointsOf(
      aCheckpoint({ isSavepoint: true, path: `${location}/_metadata`, sizeBytes: 2_000_000, endToEndMs: 50 }),
    );
    return { flink, drive };
  };

  it("is found whatever its path holds", async () => {
    const { drive } = await done();
    expect(await drive.ending()).toContain("2 MB, took 50 ms");
  });

  it("is left out where it cannot be read: the savepoint is complete all the same", async () => {
    const { flink, drive } = await done();
    flink.decoration = late();
    expect(await drive.ending()).toBe(`done: Savepoint of orders is complete\n${location}`);
  });
});

const saved = (id: number, endToEndMs: number) => aCheckpoint({ id, isSavepoint: true, endToEndMs });

describe("a savepoint under way", () => {
  it.each<[number[], string]>([
    [[], "Flink is writing the savepoint"],
    [[16_000], "Flink is writing the savepoint; the job's last one took 16 s"],
    [[14_000, 16_000, 15_000], "Flink is writing the savepoint; the job's last 3 took 14 s to 16 s"],
  ])("says how long the last ones took: %j", async (took, note) => {
    const { flink, drive } = await start();
    flink.triggers.set(EFFECT_ID, { is: "in_progress" });
    flink.theCheckpoints = checkpointsOf(...took.map((ms, i) => saved(i, ms)));
    expect(await drive.note({})).toBe(note);
  });
});

describe("a savepoint that Flink gave up waiting for", () => {
  const EXPIRED = "Checkpoint expired before completing.";

  it("where nothing else completed, says what to check", async () => {
    const { flink, drive } = await start();
    flink.triggers.set(EFFECT_ID, { is: "failed", reason: EXPIRED, usable: null });
    flink.theCheckpoints = checkpointsOf();
    expect(await drive.ending()).toBe(
      `failed: No savepoint of orders\n${EXPIRED}\nNo other checkpoint of the job was completed meanwhile.\nPerhaps S3 does not answer: check its address and Flink's credentials; the JobManager's log has the cause.\nThe job is RUNNING.`,
    );
  });

  it("where others completed, says that the storage answers", async () => {
    const { flink, drive } = await start();
    flink.triggers.set(EFFECT_ID, { is: "failed", reason: EXPIRED, usable: null });
    flink.theCheckpoints = checkpointsOf(aCheckpoint({ triggeredAt: T0 + 60_000, endToEndMs: 100 }));
    expect(await drive.ending()).toContain("Other checkpoints of the job were completed meanwhile");
  });
});
