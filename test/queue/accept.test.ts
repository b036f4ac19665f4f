import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/platform/clock.ts";
import type { Seen } from "../../src/job-cache/job-cache.ts";
import { RedisUnavailable } from "../../src/model/errors.ts";
import { createLog } from "../../src/platform/log.ts";
import { operations } from "../../src/operations/index.ts";
import type { CatalogueEntry } from "../../src/model/catalog.ts";
import { plain } from "../../src/model/text.ts";
import { type AcceptOptions, createAccept } from "../../src/queue/accept.ts";
import type { Glance } from "../../src/queue/glance.ts";
import type { Answer } from "../../src/requests/ports/inbox.ts";
import { askAgain } from "../../src/requests/record/ask-again.ts";
import type { Intake } from "../../src/requests/record/record.ts";
import { draftOf } from "../../src/requests/steps/consider.ts";
import { JOB_ID } from "../fakes/flink-reads.ts";
import { anEntry } from "../fakes/knowledge.ts";

interface Bot {
  clusters?: string[];
  entries?: CatalogueEntry[];
  change?: Partial<AcceptOptions>;
  thread?: string | null;
}

/** A bot with these clusters, and what it puts into its queues. */
function aBot({ clusters = ["prod", "test"], entries = [], change = {} }: Bot) {
  const taken: Intake[] = [];
  const accept = createAccept({
    operations: operations,
    commandIn: ({ thread }) => (thread === null ? "/flink" : "@flink"),
    clusters: clusters.map((name) => ({ name, zone: "default" })),
    channels: {},
    catalogue: { entries, anyJarOn: [] },
    reach: () => Promise.resolve(),
    glance: () => Promise.resolve({ now: 1, seen: null, workers: 1 }),
    queues: {
      add: (_zone, intake) => Promise.resolve(void taken.push(intake)),
    },
    keepResponseUrl: () => Promise.resolve(),
    local: { answer: () => Promise.reject(new Error("not local")) },
    startWithin: 600_000,
    log: createLog("silent"),
    clock: systemClock,
    ...change,
  });
  return { accept, taken };
}

/** What a bot makes of the words: what it put into which queue, or its answer. */
async function said(text: string, how: Bot = {}): Promise<{ taken: Intake | null; answer: Answer }> {
  const { accept, taken } = aBot(how);
  const { thread = null } = how;
  const answer = await accept.say({
    text,
    actor: { user: "U1", team: "T1" },
    place: { channel: "C1", thread, door: thread === null ? "command" : "mention" },
    source: "1",
    at: 1,
    responseUrl: null,
  });
  return { taken: taken[0] ?? null, answer };
}

test.each([
  'stop orders --cluster prod --reason "new release"',
  "cancel prod/orders",
  'restart prod/orders --parallelism 2 --reason "wider"',
  "savepoint --all --cluster prod --match o*",
  "run orders --cluster prod --from none",
])("Ask again is like %s, typed by whoever presses it", async (text) => {
  const { taken: typed } = await said(text);
  if (typed === null) throw new Error("it was not taken");
  const { accept, taken } = aBot({});
  const { operation, args } = askAgain(draftOf(typed, "destructive"));
  const actor = { user: "U2", team: "T1" };
  await accept.press({ operation, args, actor, place: typed.place, source: "2", at: 2, responseUrl: null });
  expect(taken).toEqual([{ ...typed, requestId: taken[0]?.requestId, actor }]);
  expect(taken[0]?.requestId).not.toBe(typed.requestId);
});

test("an alias becomes the operation that it means, with all other arguments", async () => {
  expect((await said('resume prod/orders --reason "down"')).taken).toMatchObject({
    operation: "run",
    args: { from: "last", jar: "same" },
    cluster: "prod",
    find: "name",
    job: "orders",
    reason: "down",
  });
  expect((await said("scale prod/orders 4 --via-savepoint")).taken).toMatchObject({
    operation: "restart",
    args: { parallelism: 4 },
    find: "job",
  });
  expect((await said("savepoint --all --cluster prod --match o*")).taken).toMatchObject({
    operation: "savepoint-all",
    args: { match: "o*" },
    cluster: "prod",
    find: "cluster",
  });
});

test("a name without a cluster means the cluster whose catalog has it, if only one has", async () => {
  const entries = [anEntry({ cluster: "test" })];
  expect((await said("run orders", { entries })).taken).toMatchObject({ cluster: "test", job: "orders" });
  expect((await said("run prod/orders", { entries })).taken?.cluster).toBe("prod");
  const twice = await said("run orders", { entries: [...entries, anEntry()] });
  expect(twice.taken).toBeNull();
  expect(twice.answer.is === "no" && plain(twice.answer.what.refuse)).toContain("Which cluster?");
  // that of a job that runs is not to be found there
  expect((await said("status orders", { entries })).taken).toBeNull();
});

const hint = async (thread: string | null) => JSON.stringify((await said("stpo orders", { thread })).answer);

test("a hint in a thread is a mention, because Slack has no slash commands there", async () => {
  expect(await hint(null)).toContain("/flink stop orders");
  expect(await hint("1.1")).toContain("@flink stop orders");
  expect(await hint("1.1")).not.toContain("/flink");
});

test("a path is not taken for a cluster and a job", async () => {
  const path = "s3://bucket/savepoints/savepoint-1";
  expect((await said(`dispose ${path}`, { clusters: ["s3:"] })).taken).toMatchObject({
    find: "path",
    job: path,
    cluster: "s3:",
  });
  expect((await said(`dispose ${path}`)).taken).toBeNull();
});

test("rows that only others mean cannot be typed", async () => {
  const { answer, taken } = await said("savepoint-all --cluster prod");
  expect(taken).toBeNull();
  expect(answer.is === "no" && plain(answer.what.refuse)).toContain("There is no operation");
});

test("an example is quoted where it has to be, so that it can be copied", async () => {
  const { answer } = await said('status "a  b"');
  expect(JSON.stringify(answer)).toContain(JSON.stringify('"prod/a  b"').slice(1, -1));
});

const NOW = 1_000_000;
const glance =
  (change: Partial<Glance>): AcceptOptions["glance"] =>
  () =>
    Promise.resolve({ now: NOW, seen: null, workers: 1, ...change });
/** A cache that was read so many ms ago. */
const seen = (ageMs: number, change: Partial<Seen> = {}): Seen => ({
  v: 1,
  readAt: NOW - ageMs,
  unreachableSince: null,
  problem: null,
  answeringSince: null,
  facts: null,
  missing: [],
  jobs: [
    {
      jobId: JOB_ID,
      name: "orders",
      state: "RUNNING",
      startedAt: 1,
      endedAt: null,
      lastModifiedAt: 1,
      tasks: { total: 1, running: 1, finished: 0, failed: 0 },
      scheduler: null,
      jobType: null,
    },
  ],
  ...change,
});

test("when it was asked is what Redis's clock said, and no other one", async () => {
  const { taken } = await said("savepoint prod/orders", { change: { glance: glance({}) } });
  expect(taken?.askedAt).toBe(NOW);
});

const bound = async (at: Seen | null) =>
  (await said("savepoint prod/orders", { change: { glance: glance({ seen: at }) } })).taken?.bound;

test("a job is bound by what was seen just now, and by nothing older: then the worker looks", async () => {
  expect(await bound(seen(4000))).toEqual({ jobId: JOB_ID, name: "orders" });
  expect(await bound(seen(5001))).toBeNull();
  expect(await bound(seen(0, { unreachableSince: NOW - 10 }))).toBeNull();
  expect(await bound(seen(0, { readAt: null }))).toBeNull();
  expect(await bound(null)).toBeNull();
});

const at = (ms: number): string => new Date(NOW + ms).toISOString().slice(0, 16).replace("T", " ");

test("where no worker serves the zone, that is said at once, with the time until it is dropped", async () => {
  const change = { glance: glance({ workers: 0 }) };
  const told = async (text: string): Promise<string> => {
    const { answer, taken } = await said(text, { change });
    expect(taken).not.toBeNull();
    return answer.is === "accepted" && answer.tell !== undefined ? plain(answer.tell) : "nothing";
  };
  expect(await told("savepoint prod/orders")).toBe(
    `No worker is running for zone default. Your request waits, and is dropped at ${at(600_000)} UTC if no worker has started.`,
  );
  // a question is of no use after a minute
  expect(await told("status prod/orders")).toContain(at(60_000));
  expect((await said("savepoint prod/orders")).answer).toMatchObject({ is: "accepted" });
  expect((await said("savepoint prod/orders")).answer).not.toHaveProperty("tell");
});

const refusal = (answer: Answer): string => (answer.is === "no" ? plain(answer.what.refuse) : answer.is);
const never = async (): Promise<never> => await new Promise(() => undefined);

describe("a Redis that does not answer", () => {
  test("costs one deadline, whichever of its calls hangs, and what is said of it is so", async () => {
    const before = performance.now();
    const [reading, adding] = await Promise.all([
      said("savepoint prod/orders", { change: { glance: never } }),
      said("savepoint prod/orders", { change: { queues: { add: never } } }),
    ]);
    expect(performance.now() - before).toBeLessThan(1000);
    expect(reading.taken).toBeNull();
    expect(refusal(reading.answer)).toContain("nothing was accepted and nothing was changed");
    expect(refusal(adding.answer)).toContain("not certain whether your request was accepted");
  });

  test.each([
    ["OOM command not allowed when used memory > 'maxmemory'.", "(OOM)"],
    ["NOPERM this user has no permissions to run the 'eval' command", "(NOPERM)"],
    ["READONLY You can't write against a read only replica.", "cannot reach its Redis"],
  ])("says what Redis refuses, unless it comes out of it by itself: %s", async (message, words) => {
    const cause = Object.assign(new Error(message), { name: "ReplyError" });
    const full = () =>
      Promise.reject(new RedisUnavailable("adding the request", { maybeTaken: false, cause }));
    const { answer } = await said("savepoint prod/orders", { change: { queues: { add: full } } });
    expect(refusal(answer)).toContain(words);
  });

  test("is one sentence for questions to Redis alone too, and help is given without it", async () => {
    const away = new Error("Stream isn't writeable and enableOfflineQueue options is false");
    const change = {
      reach: () => Promise.reject(new RedisUnavailable("away", { maybeTaken: false })),
      local: {
        answer: (row: { name: string }) =>
          row.name === "help" ? Promise.resolve({ refuse: "helped" }) : Promise.reject(away),
      },
    };
    const told = async (text: string): Promise<unknown> => {
      const { answer } = await said(text, { change });
      return answer.is === "later" ? await answer.answer() : answer;
    };
    const sentence = {
      refuse:
        "flinkops cannot reach its Redis, so nothing was accepted and nothing was changed. Try again in a moment.",
    };
    expect(await told("list")).toEqual(sentence);
    expect(await told("requests")).toEqual(sentence);
    expect(await told("savepoint prod/orders")).toEqual({ is: "no", what: sentence });
    expect(await told("help")).toEqual({ refuse: "helped" });
  });
});

describe("a command that is only a job's name", () => {
  const cached = { change: { glance: glance({ seen: seen(60_000) }) }, clusters: ["prod"] };
  test.each(["orders", "Orders", "prod/orders", JOB_ID])("%s shows the job", async (text) => {
    expect((await said(text, cached)).taken).toMatchObject({ operation: "status", find: "job" });
  });

  test.each([
    ["of a job that is not there", "payments", cached],
    ["of a cluster that does not say", "orders", { clusters: ["prod"] }],
    [
      "while Redis is down",
      "orders",
      {
        clusters: ["prod"],
        change: { reach: () => Promise.reject(new RedisUnavailable("gone", { maybeTaken: false })) },
      },
    ],
    ["where the cluster is not certain", "orders", { change: cached.change }],
    ["with more words", "orders now", cached],
  ])("%s is no operation", async (_name, text, options) => {
    const { answer, taken } = await said(text, options);
    expect(taken).toBeNull();
    expect(answer.is === "no" && plain(answer.what.refuse)).toContain("There is no operation");
  });
});
