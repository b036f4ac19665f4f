import { describe, expect, it } from "vitest";
import { plain } from "../../src/model/text.ts";
import { keysUnder } from "../../src/redis/keys.ts";
import type { RequestRecord } from "../../src/requests/record/record.ts";
import { createRequestsOn } from "../../src/requests/record/requests-on.ts";
import { aJob, T0 } from "../fakes/flink-reads.ts";
import { anEntry, aStop } from "../fakes/knowledge.ts";
import { FakeStore } from "../fakes/store.ts";
import { aRecord, aRun, AT } from "../slack/a-record.ts";
import { aChange, anEngine, anIntake, ID, JOB_ID, runSteps } from "./an-engine.ts";

/** A change of `orders`, which has ended. */
async function refused(how: {
  state?: "FINISHED" | "CANCELED" | "FAILED";
  ended?: Partial<NonNullable<ReturnType<typeof aStop>["ended"]>> | null;
  also?: string;
}) {
  const t = anEngine({ ...aChange(), allowedIn: ["RUNNING"] });
  const { state = "FINISHED", ended = {}, also } = how;
  t.reads.theJob = aJob({ jobId: JOB_ID, state, endedAt: T0 - 120_000 });
  if (also !== undefined) t.reads.others = [aJob({ jobId: also })];
  t.known.catalogue = { entries: [anEntry()], anyJarOn: [] };
  const stop = aStop({ jobId: JOB_ID });
  t.known.requests =
    ended === null || stop.ended === null
      ? []
      : [{ ...stop, ended: { ...stop.ended, jobId: JOB_ID, ...ended } }];
  await runSteps(t, anIntake({ job: also === undefined ? "orders" : JOB_ID }));
  const report = t.store.get(ID).end?.report;
  return {
    said: [report?.headline ?? "", ...(report?.lines ?? [])].map(plain).join("\n"),
    buttons: (report?.offers ?? []).map((o) => o.label),
  };
}

describe("a change of a job that has ended is refused", () => {
  it.each([
    [
      {},
      "orders was stopped 2027-01-15 07:59 UTC by @U0BEN00001: turn needs RUNNING.",
      ["Resume", "Savepoints"],
    ],
    [{ ended: { drained: true } }, "orders was drained 2027-01-15 07:59 UTC by @U0BEN00001", ["Savepoints"]],
    [
      { state: "CANCELED", ended: { by: "cancel" } },
      "orders was cancelled 2027-01-15 07:59 UTC by @U0BEN00001",
      ["Resume", "Savepoints"],
    ],
    [
      { ended: null },
      "orders has been FINISHED since 2027-01-15 07:58 UTC: turn needs RUNNING.",
      ["Savepoints"],
    ],
    [{ state: "FAILED" }, "orders has been FAILED since 2027-01-15 07:58 UTC", ["Resume", "Savepoints"]],
    [
      { ended: { jobId: "7".repeat(32) } },
      "orders has been FINISHED since 2027-01-15 07:58 UTC",
      ["Savepoints"],
    ],
  ] as const)("%j: %s", async (how, words, buttons) => {
    const { said, buttons: shown } = await refused(how);
    expect(said).toContain(words);
    expect(shown).toEqual(buttons);
  });

  it("without a button where another job of its name runs, which is named", async () => {
    const { said, buttons } = await refused({ also: "9".repeat(32) });
    expect(said).toContain("Another job of that name is RUNNING: 99999999");
    expect(buttons).toEqual([]);
  });
});

/** What others see of a request with this record. */
const seen = async (change: Partial<RequestRecord>) => {
  const store = new FakeStore();
  store.put(aRecord({ state: "closed", ...change }));
  const { requestsOn } = createRequestsOn({
    store: {
      ids: async () => [aRecord().id],
      loadMany: async (ids) => await store.loadMany(ids),
      openIds: async () => [],
    },
    keys: keysUnder("t"),
    link: () => Promise.resolve(null),
  });
  return (await requestsOn("prod", "orders"))[0]?.ended;
};

describe("whose change ended a job", () => {
  const stop = { do: "stop", jobId: JOB_ID, directory: null, drain: true, format: "CANONICAL" } as const;
  const report = { outcome: "done", headline: "x", lines: [] } as const;
  const end = { ending: "ran", report, at: AT + 5_000 } as const;

  it("is read from the last effect that Flink accepted", async () => {
    expect(await seen({ run: aRun({ effect: stop }), end })).toEqual({
      jobId: JOB_ID,
      by: "stop",
      drained: true,
      at: AT + 5_000,
    });
    expect(await seen({ run: aRun({ effect: { do: "cancel", jobId: JOB_ID } }) })).toMatchObject({
      by: "cancel",
      drained: false,
      at: AT,
    });
  });
  it("is said by the report of a stop, whose last phase has no effect", async () => {
    const facts = { location: "s3://b/1", ended: "stop", drained: false };
    expect(
      await seen({ run: aRun({ effect: null }), end: { ...end, report: { ...report, facts } } }),
    ).toMatchObject({ by: "stop", drained: false, at: AT + 5_000 });
  });
  it("is nobody's where Flink refused it, or has not answered, or the effect ends no job", async () => {
    const refusedByFlink = { is: "refused", reason: "no" } as const;
    expect(await seen({ run: aRun({ effect: stop, sent: refusedByFlink }), end })).toBeNull();
    expect(await seen({ run: aRun({ effect: stop, stage: "sending" }) })).toBeNull();
    expect(
      await seen({ run: aRun({ effect: { do: "checkpoint", jobId: JOB_ID, full: false } }), end }),
    ).toBeNull();
    expect(await seen({ run: null })).toBeNull();
  });
});
