import type { Redis } from "ioredis";
import { until } from "../../playground/processes.ts";
import { sealedIntake } from "../../src/queue/intake.ts";
import type { Intake, RequestRecord } from "../../src/requests/record/record.ts";
import { createSeal, keyFrom, type Seal } from "../../src/platform/seal.ts";

const PREFIX = "{flinkops}";
/** The queues of changes. */
const CHANGES = ["brakes-default", "changes-default"];

/** One entry of the audit stream, read as anybody would. */
export interface Entry {
  at: number;
  event: string;
  requestId: string;
  operation: string;
  jobId: string;
  requester: string;
  actor: string | null;
  reason: string | null;
  headline: string;
  detail: { readonly [key: string]: unknown };
}

/** The entries that are chained, and those that wait for it, each as one line; read at one moment. */
export async function auditLines(redis: Redis, prefix: string): Promise<string[]> {
  const both = await redis
    .multi()
    .xrange(`${prefix}:audit-chain`, "-", "+")
    .xrange(`${prefix}:audit`, "-", "+")
    .exec();
  return (both ?? []).flatMap(([error, entries]) => {
    if (error !== null) throw error;
    return (entries as [string, string[]][]).map(
      ([, fields]) => fields[fields.findIndex((field) => field === "line" || field === "entry") + 1] ?? "",
    );
  });
}

/** What flinkops keeps in Redis, read with plain commands, and written as one of its processes would. */
export class Stored {
  readonly #redis: Redis;
  readonly #seal: Seal;

  /** `botToken`: what is sealed without a key of its own goes with it. */
  constructor(redis: Redis, botToken: string) {
    this.#redis = redis;
    this.#seal = createSeal([keyFrom(botToken)], () => undefined);
  }

  /** The audit log from its beginning, or of one request. */
  async audit(requestId?: string): Promise<Entry[]> {
    const all = (await auditLines(this.#redis, PREFIX)).map((line) => JSON.parse(line) as Entry);
    return requestId === undefined ? all : all.filter((one) => one.requestId === requestId);
  }

  /** Only the events' names. */
  async events(requestId: string): Promise<string[]> {
    return (await this.audit(requestId)).map((one) => one.event);
  }

  /** How often each person's click was refused, by rule. */
  async refused(requestId: string): Promise<number[]> {
    return Object.values(await this.#redis.hgetall(`${PREFIX}:refused:${requestId}`)).map(Number);
  }

  /** A record's state, null where there is none. */
  async state(requestId: string): Promise<string | null> {
    const json = await this.#redis.hget(`${PREFIX}:record:${requestId}`, "json");
    return json === null ? null : (JSON.parse(json) as { state: string }).state;
  }

  /** A whole record as JSON; null where there is none. */
  async record(requestId: string): Promise<RequestRecord | null> {
    const json = await this.#redis.hget(`${PREFIX}:record:${requestId}`, "json");
    return json === null ? null : (JSON.parse(json) as RequestRecord);
  }

  /** Waits until it is written down where the request's card is: a process that dies now leaves no second one. */
  async carded(requestId: string): Promise<void> {
    await until("its card is known", async () => {
      const keys = await this.#redis.hkeys(`${PREFIX}:cards:${requestId}`);
      return keys.some((key) => !key.startsWith("said ")) ? true : null;
    });
  }

  /** Where a request's cards are. */
  async cards(requestId: string): Promise<{ channel: string; ts: string }[]> {
    const fields = await this.#redis.hkeys(`${PREFIX}:cards:${requestId}`);
    return fields
      .filter((field) => !field.startsWith("said "))
      .map((field) => {
        const [channel = "", ts = ""] = field.split(" ");
        return { channel, ts };
      });
  }

  /** Ids of requests that are not closed. */
  async open(): Promise<string[]> {
    return await this.#redis.zrange(`${PREFIX}:open`, "0", "-1");
  }

  /** Ids of all requests there ever were. */
  async all(): Promise<string[]> {
    return await this.#redis.zrange(`${PREFIX}:all`, "0", "-1");
  }

  /** Who holds which job. */
  async claims(): Promise<Record<string, string | null>> {
    const keys = await this.#redis.keys(`${PREFIX}:claim:*`);
    const pairs = keys.map(async (key) => [key.slice(`${PREFIX}:claim:`.length), await this.#redis.get(key)]);
    return Object.fromEntries(await Promise.all(pairs)) as Record<string, string | null>;
  }

  /** What was typed: the data of a queue job; null where there is none. */
  async intake(requestId: string): Promise<Intake | null> {
    for (const queue of CHANGES) {
      const data = await this.#redis.hget(`${PREFIX}:${queue}:${requestId}`, "data");
      if (data !== null) return JSON.parse((JSON.parse(data) as { json: string }).json) as Intake;
    }
    return null;
  }

  /** Ids of queue jobs, those of finished ones included. */
  async queued(queues: readonly string[] = CHANGES): Promise<string[]> {
    const all = queues.map(async (queue) => {
      const keys = await this.#redis.keys(`${PREFIX}:${queue}:r*`);
      return keys.map((key) => key.slice(`${PREFIX}:${queue}:`.length));
    });
    return (await Promise.all(all)).flat().filter((id) => /^r[0-9a-f]{31}$/u.test(id));
  }

  /** What waits in a queue is so many ms older than it is. */
  async askedEarlier(queue: string, requestId: string, ms: number): Promise<void> {
    const key = `${PREFIX}:${queue}:${requestId}`;
    const { json } = JSON.parse((await this.#redis.hget(key, "data")) ?? "") as { json: string };
    const intake = JSON.parse(json) as Intake;
    const data = sealedIntake(this.#seal, { ...intake, askedAt: intake.askedAt - ms });
    await this.#redis.hset(key, "data", JSON.stringify(data));
  }

  /** What was last seen of a cluster's jobs is so many ms older than it is. */
  async seenEarlier(cluster: string, ms: number): Promise<void> {
    const key = `${PREFIX}:directory:${cluster}`;
    const what = { kind: "directory", id: cluster, rev: 0 } as const;
    const json = this.#seal.open(what, (await this.#redis.get(key)) ?? "") ?? "";
    const seen = JSON.parse(json) as { readAt: number };
    const older = JSON.stringify({ ...seen, readAt: seen.readAt - ms });
    await this.#redis.set(key, this.#seal.close(what, older));
  }

  /** Redis's clock, ms. */
  async now(): Promise<number> {
    const [seconds] = await this.#redis.time();
    return Number(seconds) * 1000;
  }

  /** When a request was asked, as its record says. */
  async askedAt(requestId: string): Promise<number> {
    const json = await this.#redis.hget(`${PREFIX}:record:${requestId}`, "json");
    return (JSON.parse(json ?? "") as { askedAt: number }).askedAt;
  }

  /** Whether the queue job is over; `failed` must never be. */
  async queueState(requestId: string): Promise<"completed" | "failed" | "open"> {
    const states = CHANGES.map(async (queue) => {
      const at = `${PREFIX}:${queue}`;
      if ((await this.#redis.zscore(`${at}:failed`, requestId)) !== null) return "failed";
      return (await this.#redis.zscore(`${at}:completed`, requestId)) === null ? "open" : "completed";
    });
    const found = await Promise.all(states);
    return found.find((state) => state !== "open") ?? "open";
  }

  /** Every key but those whose names begin so, and all that is in them, whatever wrote it. */
  async everything(but: readonly string[] = []): Promise<string> {
    const keys = (await this.#redis.keys("*")).filter((key) => !but.some((name) => key.startsWith(name)));
    const all = await Promise.all(keys.map(async (key) => [key, await this.#valueOf(key)]));
    return JSON.stringify(all);
  }

  async #valueOf(key: string): Promise<unknown> {
    switch (await this.#redis.type(key)) {
      case "string":
        return await this.#redis.get(key);
      case "hash":
        return await this.#redis.hgetall(key);
      case "list":
        return await this.#redis.lrange(key, 0, -1);
      case "set":
        return await this.#redis.smembers(key);
      case "zset":
        return await this.#redis.zrange(key, "0", "-1");
      case "stream":
        return await this.#redis.xrange(key, "-", "+");
      default:
        return null;
    }
  }

  /** Redis takes no writes for a while, as in a fail-over; reads are answered. */
  async pauseWrites(ms: number): Promise<void> {
    await this.#redis.call("CLIENT", "PAUSE", String(ms), "WRITE");
  }

  /** Waits until every request is closed, and every queue job with it. */
  async atRest(timeoutMs = 30_000): Promise<void> {
    await until(
      "all requests are closed",
      async () => {
        if ((await this.open()).length > 0) return null;
        const states = await Promise.all((await this.queued()).map(async (id) => await this.queueState(id)));
        return states.every((state) => state === "completed") ? true : null;
      },
      timeoutMs,
    ).catch(async (error: unknown) => {
      const open = await this.open();
      const states = await Promise.all(open.map(async (id) => `${id}: ${await this.state(id)}`));
      const queued = await Promise.all(
        (await this.queued()).map(async (id) => `${id} is ${await this.queueState(id)}`),
      );
      const jobs = queued.filter((words) => !words.endsWith("completed"));
      throw new Error(
        `not at rest: ${[...states, ...jobs].join(", ")}; claims ${JSON.stringify(await this.claims())}`,
        {
          cause: error,
        },
      );
    });
  }
}
