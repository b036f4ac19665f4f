import { beforeEach, describe, expect, it } from "vitest";
import { FlinkRefused, FlinkUnreachable } from "../../src/model/errors.ts";
import type { Absent, JobState, Sighting } from "../../src/model/flink-jobs.ts";
import type { ProcessGroup } from "../../src/model/flink-cluster.ts";
import { createSightings } from "../../src/flink/reads/sightings.ts";
import { ManualClock } from "../fakes/clock.ts";

const ID = "0123456789abcdef0123456789abcdef";
let clock: ManualClock;
let status: JobState | Absent | Error;
let by: ProcessGroup;
let see: () => Promise<Sighting>;

beforeEach(() => {
  clock = new ManualClock(5000);
  status = "RUNNING";
  by = ["jm-1"];
  const sighting = createSightings({
    status: () => (status instanceof Error ? Promise.reject(status) : Promise.resolve(status)),
    processes: { now: () => Promise.resolve(by), stillThere: () => Promise.resolve(true) },
    clock,
  });
  see = () => sighting(ID);
});

const silence = () => new FlinkUnreachable("no answer in time", "maybe");

describe("a job", () => {
  it("is alive or has ended by what Flink says", async () => {
    expect(await see()).toEqual({ is: "alive", state: "RUNNING" });
    status = "FINISHED";
    expect(await see()).toEqual({ is: "ended", state: "FINISHED" });
  });

  it("that is not listed has been absent since the first answer without it", async () => {
    status = "absent";
    expect(await see()).toEqual({ is: "absent", forMs: 0, answers: 1, by: ["jm-1"] });
    clock.at += 20_000;
    expect(await see()).toEqual({ is: "absent", forMs: 20_000, answers: 2, by: ["jm-1"] });
  });

  it("at which nobody has looked for long may have come and gone: that counts anew", async () => {
    status = "absent";
    await see();
    clock.at += 31_000;
    expect(await see()).toMatchObject({ forMs: 0, answers: 1 });
  });

  it("counts anew after a silence where nobody says which JobManager answers", async () => {
    for (const [processes, forMs] of [
      [null, 0],
      [["jm-1"], 20_000],
    ] as const) {
      by = processes;
      status = "RUNNING";
      await see();
      status = "absent";
      await see();
      clock.at += 10_000;
      status = silence();
      await see();
      clock.at += 10_000;
      status = "absent";
      expect(await see()).toMatchObject({ forMs });
    }
  });

  it("that came back and is absent again counts anew", async () => {
    status = "absent";
    await see();
    clock.at += 59_000;
    status = "RUNNING";
    await see();
    status = "absent";
    expect(await see()).toMatchObject({ forMs: 0, answers: 1 });
  });

  it("that another JobManager does not list counts anew: it may still read its jobs back", async () => {
    status = "absent";
    await see();
    clock.at += 59_000;
    by = ["jm-2"];
    expect(await see()).toEqual({ is: "absent", forMs: 0, answers: 1, by: ["jm-2"] });
    clock.at += 1000;
    by = ["jm-2", "jm-3"];
    expect(await see()).toEqual({ is: "absent", forMs: 1000, answers: 2, by: ["jm-2", "jm-3"] });
  });
});

describe("a cluster that does not answer", () => {
  it("is refused as long as nobody listened at its address all that time", async () => {
    const refused = new FlinkUnreachable("connection refused", "no", { refused: true });
    status = refused;
    expect(await see()).toEqual({ is: "unanswered", forMs: 0, refused: true });
    clock.at += 5000;
    expect(await see()).toEqual({ is: "unanswered", forMs: 5000, refused: true });
    status = silence();
    expect(await see()).toMatchObject({ refused: false });
    status = refused;
    expect(await see()).toMatchObject({ refused: false });
    status = "RUNNING";
    await see();
    status = refused;
    expect(await see()).toEqual({ is: "unanswered", forMs: 0, refused: true });
  });

  it("has been silent since the first question without an answer", async () => {
    status = silence();
    expect(await see()).toEqual({ is: "unanswered", forMs: 0, refused: false });
    clock.at += 30_000;
    expect(await see()).toEqual({ is: "unanswered", forMs: 30_000, refused: false });
    status = "RUNNING";
    await see();
    status = silence();
    expect(await see()).toEqual({ is: "unanswered", forMs: 0, refused: false });
  });

  it("is not one that says no", async () => {
    status = new FlinkRefused("not today", 500);
    await expect(see()).rejects.toThrow("not today");
  });
});
