import { expect, it } from "vitest";
import { until } from "../../../playground/flink/session.ts";
import type { Cluster } from "../../../src/flink/clusters.ts";
import type { FlinkEffect } from "../../../src/model/effect.ts";
import type { Bench } from "./bench.ts";
import { accepted, type Kit, newId, soon } from "./kit.ts";
import { graphOf } from "./plans.ts";
import { stateNow } from "../../fakes/sighted.ts";
import { given } from "../../../src/model/flink-jobs.ts";

/** What starting jobs and disposing of savepoints relies on; `on` is called when a test runs. */
export function runContract(on: () => { bench: Bench; flink: Cluster; kit: Kit }): void {
  const send = async (effect: FlinkEffect) => await on().flink.effects.perform(effect, newId(), soon());

  it("starts a job under our id, once", async () => {
    const { bench, flink, kit } = on();
    const effect = kit.runOf(await bench.jar("own"), { args: ["--name", "once"] });
    const { jobId } = effect;
    const anchor = await flink.effects.anchor(effect);
    expect(anchor).toMatchObject({ startTime: null, processes: [expect.stringContaining("flink-web-")] });
    const ask = async (processes = anchor.processes ?? null) =>
      await flink.effects.ask(effect, newId(), { anchor: { ...anchor, processes }, sent: "perhaps" });
    expect(await ask()).toEqual({ is: "not" });
    expect(await ask(["another"])).toEqual({
      is: "unknown",
      looked: expect.stringContaining("was replaced"),
    });
    expect(
      await flink.effects.ask(effect, newId(), { anchor: { ...anchor, processes: null }, sent: "perhaps" }),
    ).toEqual({
      is: "unknown",
      looked: expect.stringContaining("cannot tell"),
    });

    const started = { is: "accepted", answer: { jobId } };
    expect(await send(effect)).toEqual(started);
    expect(await ask()).toEqual(started);
    expect(await ask(["another"])).toEqual(started);
    expect(await send(effect)).toEqual(started);
    expect((await flink.reads.overview()).filter((j) => j.name === "once").map((j) => j.jobId)).toEqual([
      jobId,
    ]);
    await kit.allRun(jobId);
    await kit.hasCheckpoint(jobId);
    expect(given(await flink.reads.checkpoints(jobId))?.latestRestored).toBeNull();
    expect(await flink.reads.failure(jobId)).toBeNull();

    await kit.cancelJob(jobId);
    expect(await ask()).toEqual(started);
    // so that who does not ask first may start it a second time
    await until("it is sent once more", async () => {
      expect(await send(effect)).toEqual(started);
      return (await stateNow(flink.reads, jobId)) === (bench.endedIdsAreFree ? "RUNNING" : "CANCELED");
    });
    await send({ do: "cancel", jobId });
    // of two that have ended under one id Flink 1 may know neither any more
    await until("it has ended", async () => ["CANCELED", null].includes(await stateNow(flink.reads, jobId)));
  });

  it("starts a job from a savepoint, with its state and as wide as asked", async () => {
    const { bench, flink, kit } = on();
    const before = await kit.counting();
    const path = await kit.savepoint(before.jobId);
    await kit.cancelJob(before.jobId);
    const effect = kit.runOf(await bench.jar("own"), { from: path, parallelism: 2, args: kit.slowly });
    expect(await send(effect)).toEqual(accepted);
    await kit.allRun(effect.jobId);
    expect(new Set(await kit.parallelisms(effect.jobId))).toEqual(new Set([2]));
    await until(
      "it is restored",
      async () => given(await flink.reads.checkpoints(effect.jobId))?.latestRestored?.path === path,
    );
    expect(given(await flink.reads.checkpoints(effect.jobId))?.latestRestored?.isSavepoint).toBe(true);
    expect(await kit.counted(effect.jobId)).toBeGreaterThanOrEqual(before.events);
    await kit.cancelJob(effect.jobId);
  });

  it("starts a job from the last checkpoint of one that was cancelled, and calls it a savepoint", async () => {
    const { bench, flink, kit } = on();
    const before = await kit.running();
    await kit.cancelJob(before);
    const since = performance.now();
    await until("Flink's cache of checkpoints is over", () =>
      Promise.resolve(performance.now() - since > 200),
    );
    const last = given(await flink.reads.checkpoints(before))?.latestCompleted;
    expect(last).toMatchObject({ discarded: false, isSavepoint: false });
    const effect = kit.runOf(await bench.jar("own"), { from: last?.path ?? "", args: kit.slowly });
    expect(await send(effect)).toEqual(accepted);
    await kit.allRun(effect.jobId);
    await until("it is restored", async () => {
      const restored = given(await flink.reads.checkpoints(effect.jobId))?.latestRestored;
      return restored?.path === last?.path && restored?.isSavepoint === true;
    });
    await kit.cancelJob(effect.jobId);
  });

  it("leaves out state that the program does not know only where it may", async () => {
    const { bench, flink, kit } = on();
    const before = await kit.counting();
    const from = await kit.savepoint(before.jobId);
    await kit.cancelJob(before.jobId);
    const strict = kit.runOf(await bench.jar("other state"), { from, args: kit.slowly });
    expect(await send(strict)).toEqual(accepted);
    await until("failed", async () => (await stateNow(flink.reads, strict.jobId)) === "FAILED");
    expect(await flink.reads.failure(strict.jobId)).toMatch(
      /^Failed to rollback to checkpoint\/savepoint file:.*state for operator b71731f1c0df9c3076c4a455334d0ad6 to the new program/u,
    );
    const lenient = { ...strict, jobId: newId(), allowNonRestoredState: true };
    expect(await send(lenient)).toEqual(accepted);
    await kit.allRun(lenient.jobId);
    await bench.count(lenient.jobId, 1);
    expect(await kit.counted(lenient.jobId)).toBeLessThan(before.events);
    await kit.cancelJob(lenient.jobId);
  });

  it("finds out only in the tasks that state has another type: the plan is the same, and the job restarts for ever", async () => {
    const { bench, flink, kit } = on();
    const before = await kit.counting();
    const from = await kit.savepoint(before.jobId);
    await kit.cancelJob(before.jobId);
    const jar = await bench.jar("other type");
    const args = ["--name", "typed", ...kit.slowly];
    const own = await graphOf(flink, { jar: await bench.jar("own"), args });
    expect((await graphOf(flink, { jar, args })).vertices).toEqual(own.vertices);
    const effect = kit.runOf(jar, { from, args });
    expect(await send(effect)).toEqual(accepted);
    await until(
      "it has failed twice",
      async () => (await flink.reads.exceptions(effect.jobId, 5)).length >= 2,
    );
    expect((await flink.reads.exceptions(effect.jobId, 1))[0]?.message).toMatch(
      /^For heap backends, the new state serializer \(\S+StringSerializer@\w+\) must not be incompatible with the old state serializer \(\S+LongSerializer@\w+\)\.$/u,
    );
    expect(await flink.reads.checkpoints(effect.jobId)).toMatchObject({
      completed: 0,
      latestRestored: { path: from },
    });
    expect(await flink.reads.failure(effect.jobId)).toBeNull();
    await kit.cancelJob(effect.jobId);
    // with empty state the same program counts
    const fresh = kit.runOf(jar);
    expect(await send(fresh)).toEqual(accepted);
    await kit.allRun(fresh.jobId);
    await bench.count(fresh.jobId, 1);
    expect(await kit.counted(fresh.jobId)).toBeGreaterThan(0);
    await kit.cancelJob(fresh.jobId);
  });

  it("says of a job that FAILED without a task why, where its exceptions do not", async () => {
    const { bench, flink, kit } = on();
    const from = `${bench.savepoints}/${newId()}`;
    const effect = kit.runOf(await bench.jar("own"), { from });
    expect(await send(effect)).toEqual(accepted);
    await until("failed", async () => (await stateNow(flink.reads, effect.jobId)) === "FAILED");
    expect(await flink.reads.failure(effect.jobId)).toContain(
      `Cannot find checkpoint or savepoint file/directory '${from}'`,
    );
    expect(await flink.reads.exceptions(effect.jobId, 5)).toEqual([]);
    const row = (await flink.reads.overview()).find((j) => j.jobId === effect.jobId);
    expect(row?.tasks).toEqual({ total: 0, running: 0, finished: 0, failed: 0 });
    expect(await flink.reads.failure(newId())).toBeNull();
  });

  it("sees a job that fails on every record come back again and again", async () => {
    const { bench, flink, kit } = on();
    const effect = kit.runOf(await bench.jar("failing"));
    expect(await send(effect)).toEqual(accepted);
    await until(
      "it has failed twice",
      async () => (await flink.reads.exceptions(effect.jobId, 5)).length >= 2,
    );
    expect((await flink.reads.exceptions(effect.jobId, 1))[0]?.message).toBe("record 1 cannot be counted");
    expect(await flink.reads.checkpoints(effect.jobId)).toMatchObject({ completed: 0 });
    expect(await flink.reads.failure(effect.jobId)).toBeNull();
    await kit.cancelJob(effect.jobId);
  });

  it("refuses what cannot be started, and says why", async () => {
    const { bench, flink, kit } = on();
    const own = await bench.jar("own");
    const cases: [FlinkEffect & { do: "run" }, string][] = [
      [
        kit.runOf(own, { entryClass: "com.nope.Main" }),
        "The program's entry point class 'com.nope.Main' was not found in the jar file.",
      ],
      [kit.runOf("00000000-0000-0000-0000-000000000000_gone.jar"), "_gone.jar does not exist"],
      [kit.runOf(await bench.jar("throwing")), 'For input string: "x"'],
      [kit.runOf(own, { parallelism: 0 }), "Parallelism must be at least one"],
    ];
    for (const [effect, words] of cases) {
      expect(await send(effect)).toEqual({ is: "refused", reason: expect.stringContaining(words) });
      expect(await stateNow(flink.reads, effect.jobId)).toBeNull();
    }
  });

  it("disposes a savepoint once", async () => {
    const { bench, flink, kit } = on();
    const jobId = await kit.running();
    const path = await kit.savepoint(jobId);
    const effect: FlinkEffect = { do: "dispose", path };
    const anchor = await flink.effects.anchor(effect);
    expect(await flink.effects.ask(effect, newId(), { anchor, sent: "no" })).toEqual({ is: "not" });
    expect(await kit.dispose(path)).toEqual({ is: "done" });
    expect(await kit.dispose(path)).toEqual({
      is: "failed",
      missing: true,
      reason: expect.stringContaining(path),
    });
    expect((await flink.effects.ask(effect, newId(), { anchor, sent: "perhaps" })).is).toBe("unknown");
    expect(await flink.reads.disposal(newId())).toEqual({ is: "forgotten" });
    const late = kit.runOf(await bench.jar("own"), { from: path });
    expect(await send(late)).toEqual(accepted);
    await until("failed", async () => (await stateNow(flink.reads, late.jobId)) === "FAILED");
    await kit.cancelJob(jobId);
  });
}
