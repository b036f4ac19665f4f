import { expect, test } from "vitest";
import { createLog } from "../../src/log.ts";
import { operations } from "../../src/operations/index.ts";
import type { CatalogueEntry } from "../../src/operations/catalogue.ts";
import { plain } from "../../src/operations/text.ts";
import { createAccept } from "../../src/queue/accept.ts";
import type { Answer } from "../../src/requests/door.ts";
import type { Intake } from "../../src/requests/record.ts";
import { anEntry } from "../fakes/knowledge.ts";

/** What a bot with these clusters makes of the words: what it put into which queue, or its answer. */
async function said(
  text: string,
  { clusters = ["prod", "test"], entries = [] }: { clusters?: string[]; entries?: CatalogueEntry[] } = {},
): Promise<{ taken: Intake | null; answer: Answer }> {
  const taken: Intake[] = [];
  const accept = createAccept({
    rows: operations,
    command: "/flink",
    clusters: clusters.map((name) => ({ name, zone: "default" })),
    channels: {},
    catalogue: { entries, anyJarOn: [] },
    directory: { read: () => Promise.resolve(new Map()) },
    queues: {
      add: (_queue, _zone, intake) => Promise.resolve(void taken.push(intake)),
    },
    keepResponseUrl: () => Promise.resolve(),
    local: { answer: () => Promise.reject(new Error("not local")) },
    log: createLog("silent"),
  });
  const answer = await accept.say({
    text,
    actor: { user: "U1", team: "T1" },
    place: { channel: "C1", thread: null, door: "command" },
    source: "1",
    at: 1,
    responseUrl: null,
  });
  return { taken: taken[0] ?? null, answer };
}

test("what is meant by another word is taken as what it means, with everything that stands beside it", async () => {
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

test("where a name does not say which cluster, the catalogue does, if only one has it", async () => {
  const entries = [anEntry({ cluster: "test" })];
  expect((await said("run orders", { entries })).taken).toMatchObject({ cluster: "test", job: "orders" });
  expect((await said("run prod/orders", { entries })).taken?.cluster).toBe("prod");
  const twice = await said("run orders", { entries: [...entries, anEntry()] });
  expect(twice.taken).toBeNull();
  expect(twice.answer.is === "no" && plain(twice.answer.what.refuse)).toContain("Which cluster?");
  // that of a job that runs is not to be found there
  expect((await said("status orders", { entries })).taken).toBeNull();
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
