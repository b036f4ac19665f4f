import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { promisify } from "node:util";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../../playground/processes.ts";
import type { SeenMessage } from "../../playground/slack/driver.ts";
import { ANA, BEN, FLINK_OPS } from "../../playground/slack/workspace-seed.ts";
import { type RequestRecord, shortId } from "../../src/requests/record/record.ts";
import { newKey } from "../../src/platform/seal.ts";
import { headOf } from "../harness/cards.ts";
import { suiteWith } from "../harness/needs.ts";
import { startWorld, type World } from "../harness/world.ts";

const suite = await suiteWith(["redis"]);
const P = "{flinkops}";

const names = (id: string) => (m: SeenMessage) => m.plain.includes(`request ${shortId(id)}:`);

suite("who can write to Redis and has no key changes nothing at Flink", () => {
  let world: World;
  let redis: Redis;
  const key = newKey();
  const config = {
    deployment: { id: "playground" },
    seal: { keys: [{ env: "SEAL_KEY" }], channel: FLINK_OPS },
  };

  beforeAll(async () => {
    world = await startWorld({ config, env: { SEAL_KEY: key } });
    redis = new Redis(world.redis.url);
  });
  afterAll(async () => {
    redis.disconnect();
    await world.stop();
  });

  const effects = async () => await world.flink.control.effects();
  const record = async (id: string): Promise<RequestRecord> =>
    JSON.parse((await redis.hget(`${P}:record:${id}`, "json")) ?? "") as RequestRecord;
  const write = async (id: string, change: Partial<RequestRecord>): Promise<void> =>
    void (await redis.hset(
      `${P}:record:${id}`,
      "json",
      JSON.stringify({ ...(await record(id)), ...change }),
    ));
  /** What is given to a worker, as anybody can who knows BullMQ. */
  const enqueue = async (id: string, data: object): Promise<void> => {
    const queue = new Queue("changes-default", {
      connection: { url: world.redis.url, host: "127.0.0.1", port: world.redis.port },
      prefix: P,
    });
    await queue.add("cancel", data, { jobId: id });
    await queue.close();
  };
  const due = async (id: string): Promise<void> => {
    for (const queue of ["brakes-default", "changes-default"])
      if ((await redis.zscore(`${P}:${queue}:delayed`, id)) !== null)
        await redis.zadd(`${P}:${queue}:delayed`, "XX", 0, id);
  };
  const notices = async (): Promise<SeenMessage[]> =>
    (await world.driver.messages(FLINK_OPS, BEN)).filter((m) => m.plain.includes("not as flinkops wrote"));
  /** It is told in the channel, once, and nothing reaches Flink. */
  const isSetAside = async (id: string, before: number): Promise<void> => {
    await until(`${id} is told`, async () => ((await notices()).some(names(id)) ? true : null));
    expect((await effects()).length).toBe(before);
    expect((await notices()).filter(names(id))).toHaveLength(1);
    // and an auditor reads it, once, however many processes have found it
    const found = (await world.stored.audit()).filter((e) => e.event === "forged" && e.detail["id"] === id);
    const kinds = found.map((e) => e.detail["kind"]);
    expect(kinds).not.toEqual([]);
    expect(new Set(kinds).size).toBe(kinds.length);
  };
  const waiting = async (name: string, words: string): Promise<[string, SeenMessage, string]> => {
    const { jobId } = await world.flink.control.addJob({ name });
    const asked = await world.people.change(ANA, words);
    const card = await asked.headed("Waiting for approval");
    return [await asked.id(), card, jobId];
  };

  it("not by a request out of nothing: one HSET, one ZADD, one job in the queue", async () => {
    const { jobId } = await world.flink.control.addJob({ name: "untouched" });
    const [like] = await waiting("pattern", "cancel pattern");
    const before = (await effects()).length;
    const id = `r${randomUUID().replaceAll("-", "").slice(0, 31)}`;
    const target = { kind: "job", cluster: "demo", jobId, name: "untouched" } as const;
    const forged = { ...(await record(like)), id, target, state: "ready", startBy: Date.now() + 600_000 };
    const json = JSON.stringify(forged);
    await redis.hset(`${P}:record:${id}`, { rev: 3, json });
    await redis.zadd(`${P}:open`, Date.now(), id);
    await enqueue(id, { v: 1, requestId: id, operation: "cancel", args: { job: "untouched" } });
    await isSetAside(id, before);
    expect(await world.flink.control.job(jobId)).toMatchObject({ state: "RUNNING" });
  });

  it("not by an intake that nobody typed", async () => {
    await world.flink.control.addJob({ name: "never-asked" });
    const before = (await effects()).length;
    const id = `r${randomUUID().replaceAll("-", "").slice(0, 31)}`;
    const intake = {
      v: 1,
      requestId: id,
      operation: "savepoint",
      args: { job: "never-asked" },
      cluster: "demo",
      find: "job",
      job: "never-asked",
      bound: null,
      actor: { user: ANA, team: "T0ACME0001" },
      place: { channel: FLINK_OPS, thread: null, door: "command" },
      reason: null,
      askedAt: Date.now(),
      post: false,
      parent: null,
    };
    await enqueue(id, intake);
    await isSetAside(id, before);
    const sealed = `x${id}`;
    await enqueue(sealed, { json: JSON.stringify({ ...intake, requestId: sealed }), seal: "x".repeat(52) });
    await isSetAside(sealed, before);
    // as it was sealed for another request
    const other = await world.people.change(ANA, "savepoint never-asked");
    await other.outcome();
    const data = await redis.hget(`${P}:changes-default:${await other.id()}`, "data");
    await enqueue(`y${id}`, JSON.parse(data ?? "") as object);
    await isSetAside(`y${id}`, before + 1);
    expect((await effects()).map((e) => e.do)).not.toContain("cancel");
  });

  it("not by the vote of an approver who never clicked", async () => {
    const [id, card, jobId] = await waiting("voted", "stop voted");
    const before = (await effects()).length;
    const { approval, target } = await record(id);
    if (approval === null) throw new TypeError("an approval");
    const actor = { user: BEN, team: "T0ACME0001" };
    const vote = { actor, kind: "approve" as const, at: Date.now(), digest: approval.digest };
    await write(id, {
      state: "ready",
      startBy: Date.now() + 600_000,
      approval: { ...approval, votes: [vote] },
      target,
    });
    await due(id);
    await isSetAside(id, before);
    // nor does a click count on it afterwards, and whoever presses is told why
    expect(await world.people.clickAndHear(BEN, card, "Approve stop")).toContain("set aside");
    expect((await effects()).length).toBe(before);
    expect(await world.flink.control.job(jobId)).toMatchObject({ state: "RUNNING" });
  });

  it("not by another target, list or argument of what waits for its approval", async () => {
    const { jobId } = await world.flink.control.addJob({ name: "another" });
    const [id, card] = await waiting("meant", "cancel meant");
    const before = (await effects()).length;
    await write(id, { target: { kind: "job", cluster: "demo", jobId, name: "another" } });
    expect(await world.people.clickAndHear(BEN, card, "Approve cancel")).toContain("set aside");
    await isSetAside(id, before);
  });

  it("not by a running record with an effect of somebody's choice", async () => {
    const { jobId } = await world.flink.control.addJob({ name: "victim" });
    await world.flink.control.addJob({ name: "long" });
    await world.flink.control.timings({ snapshotMs: 8000 });
    try {
      const asked = await world.people.change(ANA, "savepoint long");
      await asked.headed("Running");
      const id = await asked.id();
      await until("it is sent", async () => ((await record(id)).run?.stage === "sent" ? true : null));
      const before = (await effects()).length;
      const { run } = await record(id);
      if (run === null) throw new TypeError("a run");
      const effect = { do: "cancel", jobId } as const;
      await write(id, {
        operation: "cancel",
        run: { ...run, stage: "sending", effect: effect as never, lease: null },
      });
      await due(id);
      await isSetAside(id, before);
      expect(await world.flink.control.job(jobId)).toMatchObject({ state: "RUNNING" });
    } finally {
      await world.flink.control.timings({ snapshotMs: 30 });
    }
  });

  it("not by a record that has ended and is open again", async () => {
    const { jobId } = await world.flink.control.addJob({ name: "over" });
    const asked = await world.people.change(ANA, "savepoint over");
    await asked.outcome();
    const id = await asked.id();
    await until("it is closed", async () => ((await record(id)).state === "closed" ? true : null));
    const before = (await effects()).length;
    await write(id, { state: "ready", end: null, startBy: Date.now() + 600_000 });
    await redis.zadd(`${P}:open`, Date.now(), id);
    await isSetAside(id, before);
    expect(await world.flink.control.job(jobId)).toMatchObject({ state: "RUNNING" });
  });

  it("not by bringing an older record back", async () => {
    const { jobId } = await world.flink.control.addJob({ name: "replayed" });
    const asked = await world.people.change(ANA, "savepoint replayed");
    const id = await asked.id();
    const old = await until("its first record", async () => {
      const fields = await redis.hgetall(`${P}:record:${id}`);
      return fields["json"] === undefined ? null : fields;
    });
    await asked.outcome();
    await until("it is closed", async () => ((await record(id)).state === "closed" ? true : null));
    await redis.hset(`${P}:record:${id}`, old);
    await redis.zadd(`${P}:open`, Date.now(), id);
    await until("the newest is back", async () => ((await record(id)).state === "closed" ? true : null));
    const done = (await effects()).filter((e) => e.jobId === jobId);
    expect(done).toHaveLength(1);
  });

  it("is shown by /readyz, which stays ready, and by `flinkops check`; the next requests continue", async () => {
    const [product] = world.products;
    const ready = await fetch(`${product?.healthUrl ?? ""}/readyz`);
    expect(ready.status).toBe(200);
    const { forged } = (await ready.json()) as { forged: number };
    expect(forged).toBeGreaterThan(5);
    const check = await promisify(execFile)(
      process.execPath,
      ["dist/main.js", "check", "--config", product?.configFile ?? ""],
      {
        env: {
          SEAL_KEY: key,
          SLACK_BOT_TOKEN: world.slack.botToken,
          SLACK_APP_TOKEN: world.slack.appToken,
          REDIS_URL: world.redis.url,
        },
      },
    ).catch((error: unknown) => error as { stdout: string });
    expect(check.stdout).toMatch(/FAIL {2}Redis: \d+ values are not as flinkops wrote them/u);
    expect(check.stdout).toContain("ok    seal: one key");
    expect(
      world.lines.filter((line) => line.includes("a value in redis was not written by flinkops")).length,
    ).toBe(forged);
    const { jobId } = await world.flink.control.addJob({ name: "as-ever" });
    const asked = await world.people.change(ANA, "savepoint as-ever");
    expect(headOf(await asked.outcome())).toContain("✅");
    expect((await effects()).filter((e) => e.jobId === jobId)).toHaveLength(1);
    expect(shortId(await asked.id())).toHaveLength(8);
  });
});

const seal = (...names: string[]) => ({
  deployment: { id: "playground" },
  seal: { keys: names.map((name) => ({ env: name })) },
});

suite("outside of dev", () => {
  it("nothing is changed without a key, and `flinkops seal new` prints one", async () => {
    const world = await startWorld({ config: { deployment: { id: "playground", dev: false } } });
    try {
      const { jobId } = await world.flink.control.addJob({ name: "orders" });
      const told = await world.people.ask(ANA, "savepoint orders");
      expect(told.plain).toContain("seal.keys");
      expect((await world.people.ask(ANA, "status orders")).plain).toContain("orders");
      expect((await world.flink.control.effects()).filter((e) => e.jobId === jobId)).toEqual([]);
    } finally {
      await world.stop();
    }
    const { stdout } = await promisify(execFile)(process.execPath, ["dist/main.js", "seal", "new"]);
    expect(stdout.trim()).toMatch(/^flinkops_seal_[\w-]{43}$/u);
  });

  it("a key is changed while requests are open: the new one is added, then it seals, then the old one goes", async () => {
    const [old, next] = [newKey(), newKey()];
    const env = { OLD: old, NEXT: next };
    const world = await startWorld({ config: seal("OLD"), env });
    try {
      const { jobId } = await world.flink.control.addJob({ name: "orders" });
      const asked = await world.people.change(ANA, "stop orders");
      const card = await asked.headed("Waiting for approval");
      for (const names of [
        ["OLD", "NEXT"],
        ["NEXT", "OLD"],
      ]) {
        const [before] = world.products;
        await world.start({ config: seal(...names) });
        await before?.stop();
      }
      await world.people.approve(BEN, card);
      expect(headOf(await asked.outcome())).toContain("✅");
      const [before] = world.products;
      const last = await world.start({ config: seal("NEXT") });
      await before?.stop();
      await world.flink.control.addJob({ name: "orders" });
      const later = await world.people.change(ANA, "savepoint orders");
      expect(headOf(await later.outcome())).toContain("✅");
      expect((await world.flink.control.effects()).filter((e) => e.jobId === jobId)).toHaveLength(1);
      expect((await (await fetch(`${last.healthUrl}/readyz`)).json()) as object).toEqual({
        status: "ready",
        policy: { hash: expect.any(String) as string, state: "current" },
      });
    } finally {
      await world.stop();
    }
  });
});
