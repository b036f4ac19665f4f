import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Queue } from "bullmq";
import { controlClient } from "../../playground/flink/simulated/control.ts";
import { startTied, until } from "../../playground/processes.ts";
import { type Product, startProduct } from "../../playground/product.ts";
import { startRedis } from "../../playground/redis.ts";
import { startSlack } from "../../playground/slack/server.ts";
import { FLINK_OPS, HOME_TEAM } from "../../playground/slack/workspace-seed.ts";
import { sealedIntake } from "../../src/queue/intake.ts";
import { backOptions, connectRedis } from "../../src/redis/connect.ts";
import { keysUnder } from "../../src/redis/keys.ts";
import type { Intake, RequestRecord } from "../../src/requests/record/record.ts";
import { createStore } from "../../src/requests/record/store.ts";
import { cpuMs, lateness } from "./meter.ts";
import { sealOf } from "./sealed.ts";
import { at, type Figures } from "./show.ts";
import { DRAWN, waiter, withWaiters } from "./waiting.ts";

const CLUSTERS = 10;
const JOBS = 1000;
const REQUESTS = CLUSTERS * JOBS;
/** `timings.pollMax`, the default: what a savepoint that has been written for longer than 20 s is asked at. */
const POLL_MS = 5000;
const WATCHED_S = 30;
/** From when on they are due, until it is measured. */
const SETTLED_MS = 60_000;
const PREFIX = "{in-flight}";
const CHANGES = "changes-default";
/** The jobs themselves are not what is measured. */
const QUIET = { directoryIdle: "1h", directoryWatched: "1h", directoryStates: "1h", sweep: "1h" };

/** What one worker needs for so many savepoints that are being written, beside a loop that asks Flink and does nothing else. */
export async function inFlight(dist: string | undefined): Promise<Figures> {
  const directory = await mkdtemp(join(tmpdir(), "flinkops-bench-"));
  const redis = await startRedis();
  const slack = await startSlack({
    manifestPath: "manifest.yml",
    seed: withWaiters(CLUSTERS),
  });
  const client = connectRedis(backOptions(redis), () => undefined);
  const keys = keysUnder(PREFIX);
  const queue = new Queue(CHANGES, { connection: client, prefix: PREFIX });
  const flinks = await startFlinks();
  const controls = flinks.urls.map(controlClient);
  const worker = async (timings: object): Promise<Product> =>
    await startProduct({
      slack,
      redisUrl: redis.url,
      prefix: PREFIX,
      clusters: Object.fromEntries(flinks.urls.map((url, c) => [`c${c}`, { url, changes: true }])),
      config: { timings: { ...QUIET, ...timings } },
      roles: ["worker"],
      ...(dist === undefined ? {} : { dist }),
    });
  const seal = sealOf(slack.botToken, dist);
  if (seal === null) throw new Error("that build is of before there was a seal");
  const queueJob = (intake: Intake, delay = 0) => ({
    name: intake.operation,
    data: sealedIntake(seal, intake),
    opts: { jobId: intake.requestId, delay, attempts: 1_000_000, backoff: { type: "fixed", delay: 1000 } },
  });
  /** Of whoever asks the clusters meanwhile: its CPU, and how late its questions were. */
  const over = async (pid: number, paths: readonly (readonly string[])[]) => {
    await Promise.all(controls.map(async (control) => await control.clearLog()));
    const [cpu, from] = [cpuMs(pid), Date.now()];
    await sleep(WATCHED_S * 1000);
    const [used, to] = [cpuMs(pid) - cpu, Date.now()];
    const polls = new Map(paths.flat().map((path) => [path, [] as number[]]));
    for (const control of controls)
      for (const { path, at: seenAt } of await control.requests())
        if (seenAt <= to) polls.get(path)?.push(seenAt);
    const count = [...polls.values()].flat().length;
    return {
      cpu: (used / (to - from)) * 100,
      perPoll: used / count,
      polls: (count / (to - from)) * 1000,
      late: at(lateness(polls, { from, to }, POLL_MS), 0.99),
    };
  };
  try {
    // one of each cluster is begun as ever, and nobody asks how far it is
    const setUp = await worker({ pollMin: "1h", pollMax: "1h" });
    const jobs = await Promise.all(controls.map(async (control) => await control.jobs()));
    const firsts = jobs.map((all, c) => intakeOf(c, 0, all[0]));
    for (const { requestId } of firsts) await client.hset(keys.cards(requestId), "C0 1.1", DRAWN);
    await queue.addBulk(firsts.map((intake) => queueJob(intake)));
    await until("the first ones are being written", async () =>
      (await queue.getDelayedCount()) === CLUSTERS ? true : null,
    );
    await setUp.stop();
    // all others as that one is stored, under ids of their own
    const store = createStore({ redis: client, keys, seal });
    const paths = await Promise.all(
      jobs.map(async (all, c) => {
        const [control, url, first] = [controls[c], flinks.urls[c], firsts[c]];
        const held = await store.load(first?.requestId ?? "");
        const [sent] = ((await control?.requests()) ?? []).filter(({ method }) => method === "POST");
        const effectId = held.record?.run?.effectId;
        if (
          url === undefined ||
          first === undefined ||
          held.record === null ||
          effectId === undefined ||
          sent === undefined
        )
          throw new Error("the first request of a cluster is not running");
        const { record } = held;
        const found = [sent.path.concat("/", effectId)];
        for (const [i, job] of all.entries()) {
          if (i === 0) continue;
          const intake = intakeOf(c, i, job);
          const own = (text: string): string =>
            text
              .replaceAll(first.requestId, intake.requestId)
              .replaceAll(first.bound?.jobId ?? "", job.jobId)
              .replaceAll(`"${first.job}"`, `"${job.name}"`)
              .replaceAll(effectId, job.jobId);
          const next = JSON.parse(own(JSON.stringify(record))) as RequestRecord;
          const [answer] = await Promise.all([
            fetch(url + own(sent.path), { method: "POST", body: own(sent.body) }),
            store.commit([{ rev: 0, next }], { take: next.claims }),
            client.hset(keys.cards(next.id), "C0 1.1", DRAWN),
          ]);
          if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
          await answer.arrayBuffer();
          found.push(own(sent.path).concat("/", job.jobId));
        }
        return found;
      }),
    );
    // from then on they are due, spread over the time between two polls
    const start = Date.now() + 20_000;
    const delay = (i: number): number => start + (i / JOBS) * POLL_MS - Date.now();
    for (const one of await queue.getDelayed()) await one.changeDelay(delay(0));
    for (const [c, all] of jobs.entries())
      await queue.addBulk(all.slice(1).map((job, i) => queueJob(intakeOf(c, i + 1, job), delay(i + 1))));
    const product = await worker({});
    await sleep(start + SETTLED_MS - Date.now());
    const ours = await over(product.pid, paths);
    const rss =
      Number(/VmRSS:\s+(\d+)/u.exec(readFileSync(`/proc/${product.pid}/status`, "utf8"))?.[1]) / 1024;
    await product.stop();

    const file = join(directory, "paths.json");
    writeFileSync(file, JSON.stringify(Object.fromEntries(flinks.urls.map((url, c) => [url, paths[c]]))));
    const bare = await startTied(
      process.execPath,
      [fileURLToPath(new URL("polling.mjs", import.meta.url)), file],
      {
        env: { PATH: process.env["PATH"], POLL_MS: String(POLL_MS) },
      },
    );
    await sleep(POLL_MS * 2);
    const theirs = await over(bare.pid, paths);
    await bare.stop();
    return {
      [`bare loop over ${REQUESTS} savepoints: polls a second`]: theirs.polls,
      "bare loop: CPU, %": theirs.cpu,
      "bare loop: CPU per poll, ms": theirs.perPoll,
      "bare loop: p99 lateness of polls, ms": theirs.late,
      [`${REQUESTS} savepoints in flight: polls a second`]: ours.polls,
      "in flight: CPU, %": ours.cpu,
      "in flight: CPU per poll, ms": ours.perPoll,
      "in flight: p99 lateness of polls, ms": ours.late,
      "in flight: memory of the worker, MB": rss,
    };
  } finally {
    await queue.close();
    client.disconnect();
    await slack.close();
    await flinks.stop();
    await redis.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

const intakeOf = (cluster: number, i: number, job: { jobId: string; name: string } | undefined): Intake => {
  if (job === undefined) throw new RangeError(`cluster ${cluster} has no job ${i}`);
  const n = cluster * JOBS + i;
  return {
    v: 1,
    requestId: `r${String(n).padStart(31, "0")}`,
    operation: "savepoint",
    args: { job: job.name },
    cluster: `c${cluster}`,
    find: "job",
    job: job.name,
    bound: { jobId: job.jobId, name: job.name },
    actor: { user: waiter(cluster), team: HOME_TEAM },
    place: { channel: FLINK_OPS, thread: null, door: "command" },
    reason: null,
    askedAt: Date.now(),
    parent: null,
  };
};

async function startFlinks(): Promise<{ urls: readonly string[]; stop(): Promise<void> }> {
  const lines: string[] = [];
  const tied = await startTied(
    process.execPath,
    ["--import", "tsx", fileURLToPath(new URL("flinks.ts", import.meta.url)), String(CLUSTERS), String(JOBS)],
    { onLine: (line) => lines.push(line) },
  );
  const urls = await until(
    "the clusters are there",
    async () => await Promise.resolve(lines[0] === undefined ? null : (JSON.parse(lines[0]) as string[])),
    300_000,
  );
  return { urls, stop: async () => await tied.stop() };
}
