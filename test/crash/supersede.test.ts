import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ANA, BEN } from "../../playground/slack/workspace-seed.ts";
import { until } from "../../playground/processes.ts";
import { judge } from "../harness/judge.ts";
import { startWorld, type World } from "../harness/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld({
    timings: { flinkChangeTimeout: "3s" },
    config: {
      jobs: [
        ...started.map(([words]) => catalogued(nameOf(words))),
        ...rehearsed.map(([words]) => ({
          ...catalogued(ofRehearsal(words)),
          rehearsal: { args: ["--name", "{name}"] },
        })),
      ],
    },
  });
});
afterAll(async () => await world.stop());

/** What cancel takes over, and how Flink is asked for it. */
const others = [
  { words: "savepoint {job}", approved: false, method: "POST", path: "/savepoints$" },
  { words: "scale {job} 2", approved: false, method: "PUT", path: "/resource-requirements$" },
  { words: "stop {job}", approved: true, method: "POST", path: "/stop$" },
  { words: "cancel {job} --with-savepoint", approved: true, method: "POST", path: "/savepoints$" },
] as const;
const stages = ["being sent", "under way"] as const;
const cases = others.flatMap((other) => stages.map((stage) => [other.words, stage, other] as const));

/** What starts a job, and how Flink is asked for the effect that cancel comes into. */
const started = [
  ["restart {job}, stopping", { runs: true, effect: "stop" }],
  ["restart {job}, starting", { runs: true, effect: "run" }],
  ["run {job} --from none, starting", { runs: false, effect: "run" }],
] as const;
const nameOf = (words: string): string => `start-${started.findIndex(([w]) => w === words)}`;
const catalogued = (name: string) => ({
  name,
  cluster: "demo",
  jar: { newest: `${name}-*.jar` },
  args: ["--name", name],
});

/** What rehearses, and whether someone must approve it. */
const rehearsed = [
  ["rehearse {job}", { approved: false }],
  ["restart {job} --rehearse", { approved: true }],
] as const;
const ofRehearsal = (words: string): string => `rehearsed-${rehearsed.findIndex(([w]) => w === words)}`;

/** The only state that a job of this name can be resumed from, as people are told. */
async function kept(name: string): Promise<string> {
  const { plain } = await world.people.ask(ANA, `resume ${name} --dry-run`);
  const [, path = ""] = /from its savepoint, written .*: (\S+-rehearsal\/savepoint-[\w-]+)/u.exec(plain) ?? [
    plain,
    plain,
  ];
  return path;
}

describe("cancel ends a rehearsal together with its job", () => {
  it.each(rehearsed)("%s", async (words, { approved }) => {
    const { flink, people } = world;
    const name = ofRehearsal(words);
    // the rehearsal never becomes healthy, so its request is still waiting for that
    await flink.control.addJar({ name: `${name}-1.jar`, jobs: { tasksAfterMs: 60_000 } });
    const { jobId } = await flink.control.addJob({ name });
    const first = await people.change(ANA, words.replace("{job}", name));
    if (approved) await world.people.approve(BEN, await first.headed("Waiting for approval"));
    const beside = await until("the rehearsal runs", async () => {
      const jobs = await flink.control.jobs();
      return jobs.find((j) => j.name.startsWith(`${name} rehearsal r`) && j.state === "RUNNING") ?? null;
    });

    const brake = await people.change(ANA, `cancel ${name}`);
    await world.people.approve(BEN, await brake.headed("Waiting for approval"));

    const outcome = (await brake.outcome()).plain;
    expect(outcome).toMatch(/^✅ /u);
    expect(outcome).toContain(`Cancelled: ${jobId.slice(0, 8)}, ${beside.jobId.slice(0, 8)}`);
    const taken = await first.outcome();
    expect(taken.plain).toMatch(/Superseded|superseded/u);
    const savepoint = await kept(name);
    expect(taken.plain).toContain(
      `Its savepoint is kept, because it may be the newest state of the job: ${savepoint}`,
    );
    expect(taken.controls.map((k) => k.label)).toContain("Delete its savepoint");
    const states = (await flink.control.jobs()).filter((j) => [jobId, beside.jobId].includes(j.jobId));
    expect(states.map((j) => j.state)).toEqual(["CANCELED", "CANCELED"]);
    const effects = (await flink.control.effects()).filter((e) => e.jobId === jobId).map((e) => e.do);
    expect(effects).toEqual(["savepoint", "cancel"]);
    await judge(world);
  });
});

describe("cancel takes over what starts a job", () => {
  it.each(started)("%s", async (words, { runs, effect }) => {
    const { flink, people } = world;
    const name = nameOf(words);
    // its tasks never run, so whoever started it is still waiting for them
    await flink.control.addJar({ name: `${name}-1.jar`, jobs: { tasksAfterMs: 60_000 } });
    if (runs) await flink.control.addJob({ name });
    await flink.control.timings({ snapshotMs: effect === "stop" ? 60_000 : 40 });

    const first = await people.change(ANA, (words.split(",")[0] ?? "").replace("{job}", name));
    await world.people.approve(BEN, await first.headed("Waiting for approval"));
    const live = async (): Promise<string | null> =>
      (await flink.control.jobs()).find((j) => j.name === name && j.state === "RUNNING")?.jobId ?? null;
    await until("the effect is there", async () => {
      const effects = await flink.control.effects();
      const jobs = new Set((await flink.control.jobs()).filter((j) => j.name === name).map((j) => j.jobId));
      return effects.some((e) => e.do === effect && jobs.has(e.jobId ?? "")) ? await live() : null;
    });
    const brake = await people.change(ANA, `cancel ${name}`);
    await world.people.approve(BEN, await brake.headed("Waiting for approval"));

    expect((await brake.outcome()).plain).toMatch(/^✅ /u);
    expect((await first.outcome()).plain).toMatch(/Superseded|superseded/u);
    expect(await live()).toBeNull();
    await flink.control.timings({ snapshotMs: 40 });
    await judge(world);
  });
});

describe("cancel takes over", () => {
  it.each(cases)("%s, %s", async (words, stage, other) => {
    const { flink, people } = world;
    const name = `job-${cases.findIndex(([w, s]) => w === words && s === stage)}`;
    const { jobId } = await flink.control.addJob({ name });
    await flink.control.timings({ snapshotMs: 60_000, rescaleMs: 60_000 });
    const asked = async (): Promise<boolean> =>
      (await flink.control.requests()).some(
        (r) =>
          r.method === other.method &&
          r.path.includes(jobId) &&
          new RegExp(other.path, "u").test(r.path.split("?")[0] ?? ""),
      );
    const done = async (): Promise<boolean> => (await flink.control.effects()).some((e) => e.jobId === jobId);
    // held on its way to Flink: cancel may not overtake what can still arrive
    if (stage === "being sent")
      await flink.control.fault({
        method: other.method,
        path: `${jobId}${other.path}`,
        when: "before",
        delayMs: 800,
        times: 1,
      });

    const first = await people.change(ANA, words.replace("{job}", name));
    if (other.approved) await world.people.approve(BEN, await first.card());
    await until("the other one is on its way", async () =>
      (await (stage === "under way" ? done() : asked())) ? true : null,
    );
    const brake = await people.change(ANA, `cancel ${name}`);
    await world.people.approve(BEN, await brake.card());

    const outcome = await brake.outcome();
    expect(outcome.plain).toMatch(/^✅ /u);
    const superseded = await first.outcome();
    expect(superseded.plain).toMatch(/Superseded|superseded/u);
    const effects = (await flink.control.effects()).filter((e) => e.jobId === jobId).map((e) => e.do);
    // at most once each, and nothing after the cancel
    expect(effects.at(-1)).toBe("cancel");
    expect(new Set(effects).size).toBe(effects.length);
    await flink.control.timings({ snapshotMs: 40, rescaleMs: 50 });
    await judge(world);
  });
});
