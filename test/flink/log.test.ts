import { afterEach, beforeEach, describe, expect, it, test } from "vitest";
import { type SimulatedFlink, startSimulated } from "../../playground/flink/simulated/server.ts";
import { type Cluster, type Clusters, createClusters } from "../../src/flink/clusters.ts";
import { createTail } from "../../src/flink/rest/tail.ts";
import { entriesOf } from "../../src/flink/wire/log.ts";
import { FlinkUnexpected, FlinkUnreachable } from "../../src/model/errors.ts";
import type { Log } from "../../src/model/flink-log.ts";
import { clusterAt, RETRY_AFTER_MS, serve } from "./local-server.ts";
import { recorded } from "./recorded.ts";

describe.each(["2.3.0", "1.20.5"])("the log of a Flink %s", (version) => {
  const entries = entriesOf(String(recorded(version, "jobmanager-log").body), { whole: true });

  it("is read as entries with time and level, stacks with the line that they belong to", () => {
    expect(entries.filter((e) => e.level === null)).toEqual([]);
    expect(entries.every((e) => /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}$/u.test(e.time ?? ""))).toBe(true);
    const failed = entries.find((e) => e.text.includes("switched from RUNNING to FAILED"));
    expect(failed).toMatchObject({ level: "INFO", text: expect.stringContaining("ExecutionGraph") });
    expect(failed?.lines[1]).toBe("java.lang.IllegalStateException: record 30 cannot be counted");
    expect(failed?.lines[2]).toMatch(/^ {4}at /u);
    expect(entries.some((e) => e.level === "WARN")).toBe(true);
  });
});

describe("a line", () => {
  it.each([
    ["Flink's log4j", "2026-01-31 10:00:00,123 WARN  org.x.Y [] - late", "2026-01-31 10:00:00,123", "WARN"],
    [
      "Flink's logback",
      "2026-01-31 10:00:00.123 [main-1] ERROR o.x.Y - late",
      "2026-01-31 10:00:00.123",
      "ERROR",
    ],
    ["a thread named like a level", "10:00:00.123 [ERROR-handler] INFO o.x.Y - late", "10:00:00.123", "INFO"],
    ["the level in brackets", "[2026-01-31T10:00:00.123Z] [WARN ] late", "2026-01-31T10:00:00.123Z", "WARN"],
    ["the level first", "FATAL [main] 2026-01-31 10:00:00,123 late", "2026-01-31 10:00:00,123", "ERROR"],
    ["java.util.logging", "SEVERE 26/01/31 10:00:00 late", "26/01/31 10:00:00", "ERROR"],
    [
      "ECS",
      '{"@timestamp":"2026-01-31T10:00:00Z","log.level":"WARN","message":"late"}',
      "2026-01-31T10:00:00Z",
      "WARN",
    ],
    ["logstash", '{"timestamp":"10:00:00.123","level":"warning","message":"late"}', "10:00:00.123", "WARN"],
  ])("of %s has time and level", (_name, line, time, level) => {
    const [entry, ...others] = entriesOf(`${line}\n    at a.B.c(B.java:1)\nplain words\n`, { whole: true });
    expect(others).toEqual([]);
    expect(entry).toMatchObject({ time, level, text: expect.stringMatching(/late$/u) });
    expect(entry?.lines).toEqual([line, "    at a.B.c(B.java:1)", "plain words"]);
  });

  it.each([
    ["words with a level in them", "we got an ERROR at 10:00:00"],
    ["a time without a level", "2026-01-31 10:00:00 the ERROR was late"],
    ["JSON without a level", '{"a":1}'],
  ])("of an unknown pattern stands alone: %s", (_name, line) => {
    const alone = { time: null, level: null };
    expect(entriesOf(`${line}\n\tat a.B.c(B.java:1)\nCaused by: a.B: x\nnext`, { whole: true })).toEqual([
      { ...alone, text: line, lines: [line, "    at a.B.c(B.java:1)", "Caused by: a.B: x"] },
      { ...alone, text: "next", lines: ["next"] },
    ]);
  });

  it("that was cut at its beginning is left out, and so is the rest of its entry", () => {
    const text = "12 INFO half a line\n\tat a.B.c(B.java:1)\n10:00:00,123 INFO whole\n";
    expect(entriesOf(text, { whole: false }).map((e) => e.lines)).toEqual([["10:00:00,123 INFO whole"]]);
    expect(entriesOf("half\nwhole\nnext\n", { whole: false }).map((e) => e.text)).toEqual(["whole", "next"]);
    expect(entriesOf("", { whole: true })).toEqual([]);
  });
});

test("a secret is taken out, also one of several lines", () => {
  const text = [
    "10:00:00,123 INFO o.x.Y - Loading configuration property: s3.secret-key, abc123def456",
    "10:00:00,124 INFO o.x.Y - password=hunter2 Authorization: Bearer abc.def.ghi",
    "10:00:00,125 INFO o.x.Y - eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    `10:00:00,126 INFO o.x.Y - -----BEGIN PRIVATE KEY-----\n${"Ab1+".repeat(16)}\n-----END PRIVATE KEY-----`,
    "10:00:00,127 INFO o.x.Y - end\u202e",
  ].join("\n");
  const entries = entriesOf(text, { whole: true });
  expect(entries.at(-1)?.text).toBe("o.x.Y - end");
  expect(JSON.stringify(entries)).not.toMatch(/hunter2|abc\.def|eyJ|Ab1\+|\u202e/u);
});

describe("reading", () => {
  let sim: SimulatedFlink;
  let clusters: Clusters;
  let flink: Cluster;
  beforeEach(async () => {
    sim = await startSimulated();
    clusters = createClusters([clusterAt(sim.url)], RETRY_AFTER_MS);
    flink = clusters.get("prod") as Cluster;
  });
  afterEach(async () => {
    await clusters.close();
    await sim.stop();
  });

  const LINE = "2026-01-31 10:00:00,123 INFO  org.x.Y [] - ü\n";
  const ofJobManager = (): Promise<Log> => flink.reads.log({ of: "jobmanager" });
  const ofTaskManager = (id = "localhost:40000-1"): Promise<Log> =>
    flink.reads.log({ of: "taskmanager", id });
  const asked = async (path: string): Promise<number> =>
    (await sim.control.requests()).filter((r) => r.path === path).length;

  it("a short log reads all of it", async () => {
    await sim.control.logs({ jobManager: LINE.repeat(3), taskManager: LINE });
    expect(await ofJobManager()).toMatchObject({ is: "read", whole: true, ended: true, bytes: 138 });
    expect(await ofTaskManager()).toMatchObject({ is: "read", entries: [{ level: "INFO" }] });
    await sim.control.logs({ jobManager: "" });
    expect(await ofJobManager()).toEqual({ is: "read", entries: [], bytes: 0, whole: true, ended: true });
  });

  it("a long log keeps its end", async () => {
    await sim.control.logs({ jobManager: `${LINE.repeat(50_000)}10:00:01,000 WARN o.x.Y - last\n` });
    const log = await ofJobManager();
    expect(log).toMatchObject({ is: "read", whole: false, ended: true, bytes: 512_000 });
    const entries = log.is === "read" ? log.entries : [];
    expect(entries.at(-1)).toMatchObject({ level: "WARN", text: "o.x.Y - last" });
    expect(entries).toHaveLength(Math.floor(512_000 / 46));
  });

  it("a process without a log file, and a task manager that is gone, are values", async () => {
    await sim.control.logs({ jobManager: null, taskManager: null });
    expect(await ofJobManager()).toEqual({ is: "none" });
    expect(await ofTaskManager()).toEqual({ is: "none" });
    expect(await asked("/taskmanagers/localhost%3A40000-1/log")).toBe(0);
    expect(await ofTaskManager("gone:1-ab")).toEqual({ is: "unknown" });
  });

  it("what is no log says what it is, and a time-out before the first byte is one", async () => {
    await sim.control.fault({ path: "/log$", status: 200, times: 1 });
    await expect(ofJobManager()).rejects.toBeInstanceOf(FlinkUnexpected);
    await sim.control.fault({ path: "/log$", delayMs: 5000, times: 1 });
    await expect(ofJobManager()).rejects.toBeInstanceOf(FlinkUnreachable);
    await sim.control.fault({ path: "/log$", status: 503, times: 1 });
    expect(await ofJobManager()).toMatchObject({ is: "read" });
  });
});

/** What is read of a JobManager that sends this and then no more. */
async function readFrom(announced: number | null, sent: Buffer): Promise<Log> {
  const server = await serve((_req, res) => {
    res.writeHead(200, {
      "content-type": "text/plain",
      ...(announced === null ? {} : { "content-length": announced }),
    });
    res.write(sent);
  });
  const clusters = createClusters([clusterAt(server.url)], RETRY_AFTER_MS);
  const log = await (clusters.get("prod") as Cluster).reads.log({ of: "jobmanager" });
  await clusters.close();
  await server.close();
  return log;
}

test("a log that announces more than is read is not read at all", async () => {
  const log = await readFrom(3_000_000_000, Buffer.from("10:00:00,123 INFO o.x.Y - first\n"));
  expect(log).toEqual({ is: "too long", bytes: 3_000_000_000, most: 128_000_000 });
});

test.each([100, null])(
  "a log that takes too long is read as far as it came (announced: %s)",
  async (size) => {
    const log = await readFrom(size, Buffer.from("10:00:00,123 INFO o.x.Y - first\n10:00:"));
    expect(log).toMatchObject({
      is: "read",
      ended: false,
      whole: true,
      entries: [{ text: "o.x.Y - first" }],
    });
  },
);

const kept = (limits: { read: number; keep: number }, chunks: readonly string[], length?: string) => {
  const tail = createTail(limits, length);
  const taken = chunks.map((chunk) => tail.take(Buffer.from(chunk)));
  return { taken, isTooLong: tail.isTooLong, ...tail.kept() };
};

describe("the end of a text", () => {
  it("is cut to the byte, and says where it begins", () => {
    const got = kept({ read: 100, keep: 4 }, ["ab", "cdef", "g"], "7");
    expect(got).toMatchObject({ text: "defg", taken: [true, true, true], isTooLong: false });
    expect(got.place).toEqual({ skipped: 3, size: 7, ended: false });
    expect(kept({ read: 100, keep: 10 }, ["ab", "c"]).place).toEqual({
      skipped: 0,
      size: null,
      ended: false,
    });
  });

  it("is read no further than its limit, whatever was announced", () => {
    expect(kept({ read: 4, keep: 2 }, ["abc", "def"]).taken).toEqual([true, false]);
    expect(kept({ read: 4, keep: 2 }, [], "5").isTooLong).toBe(true);
    expect(kept({ read: 4, keep: 2 }, [], "4").isTooLong).toBe(false);
    expect(kept({ read: 4, keep: 2 }, [], "many")).toMatchObject({ isTooLong: false, place: { size: null } });
  });
});
