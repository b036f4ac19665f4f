import { expect, test } from "vitest";
import type { Seen } from "../../src/job-cache/job-cache.ts";
import { createSilence } from "../../src/job-cache/last-seen.ts";
import { aSummary, FakeFlinkReads } from "../fakes/flink-reads.ts";
import { aStop } from "../fakes/knowledge.ts";

const orders = aSummary();

async function silence(over: Partial<Seen>, application = true) {
  const facts = { ...(await new FakeFlinkReads().capabilities()), application, readAt: 0 };
  const seen: Seen = {
    v: 1,
    readAt: 0,
    unreachableSince: 5000,
    problem: null,
    jobs: [orders],
    answeringSince: null,
    missing: [],
    facts,
    ...over,
  };
  const peek = async () => await Promise.resolve(new Map([["prod", seen]]));
  return (ended: string | null) =>
    createSilence(
      { peek },
      async () =>
        await Promise.resolve([
          aStop({
            ended: ended === null ? null : { jobId: ended, by: "stop", drained: false, at: 4000 },
          }),
        ]),
    )("prod");
}

test("a cluster that answers is not silent, and nobody asks for its requests", async () => {
  expect(await (await silence({ unreachableSince: null }))(orders.jobId)).toBeNull();
});

test("the end of a job that a request of ours has ended need not have been read", async () => {
  const of = await silence({});
  expect(await of(orders.jobId)).toEqual({ since: 5000, isOver: true });
  expect(await of("another")).toEqual({ since: 5000, isOver: false });
  expect(await of(null)).toEqual({ since: 5000, isOver: false });
});

test("a session cluster does not end with its jobs", async () => {
  expect(await (await silence({}, false))(orders.jobId)).toEqual({ since: 5000, isOver: false });
});
