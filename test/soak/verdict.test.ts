import { describe, expect, it } from "vitest";
import type { PerformedEffect } from "../../playground/flink/simulated/cluster.ts";
import type { RequestRecord } from "../../src/requests/record/record.ts";
import type { Entry } from "../harness/stored.ts";
import { AT } from "../slack/a-record.ts";
import { over } from "../requests/a-showing.ts";
import type { Command } from "./load.ts";
import { type Happened, broken } from "./verdict.ts";

const ID = over().id;
const effect = (change: Partial<PerformedEffect> = {}): PerformedEffect => ({
  n: 1,
  at: AT + 10,
  do: "savepoint",
  jobId: "j1",
  triggerId: "e1",
  directory: null,
  drain: null,
  format: null,
  target: null,
  jar: null,
  from: null,
  parallelism: null,
  path: null,
  ...change,
});
const entry = (event: string, detail: Entry["detail"]): Entry => ({
  at: AT,
  event,
  requestId: ID,
  operation: "savepoint",
  jobId: "j1",
  requester: "U1",
  actor: null,
  reason: "soak 1",
  headline: "",
  detail,
});
const done = (change: Partial<RequestRecord> = {}): RequestRecord =>
  over({ state: "closed", operation: "savepoint", reason: "soak 1", ...change });
const typed: Command = { reason: "soak 1", words: "savepoint orders", accepted: "yes" };
/** A savepoint that went as it should. */
const good: Happened = {
  commands: [typed],
  records: [done()],
  audit: [entry("calling", { effectId: "e1" }), entry("ended", { outcome: "done" })],
  effects: [effect()],
  claims: {},
};

describe("the verdict of a soak", () => {
  it("finds nothing in what went well", () => {
    expect(broken(good)).toEqual([]);
  });

  it.each<[string, Partial<Happened>, RegExp]>([
    ["is lost", { commands: [typed, { ...typed, reason: "soak 2" }] }, /was accepted and is lost/u],
    ["was refused and came all the same", { commands: [{ ...typed, accepted: "no" }] }, /became a request/u],
    ["came twice", { records: [done(), done()] }, /became 2 requests/u],
    ["is open", { records: [done({ state: "ended" })] }, /is ended and ended 1 times/u],
    [
      "has two endings",
      { audit: [...good.audit, entry("ended", { outcome: "failed" })] },
      /ended 2 times: ended, ended/u,
    ],
    ["reached Flink twice", { effects: [effect(), effect({ n: 2 })] }, /was done twice/u],
    ["reached Flink unseen", { effects: [effect({ triggerId: "e2" })] }, /sent without being saved/u],
    ["says that it is done and is not", { effects: [] }, /Flink did it 0 times/u],
    [
      "was withdrawn and sent",
      {
        records: [
          done({
            end: { at: AT, ending: "withdrawn", report: { outcome: "done", headline: "", lines: [] } },
          }),
        ],
      },
      /was withdrawn, and something was sent/u,
    ],
    ["holds its job for ever", { claims: { "prod:j1": ID } }, /claims are left/u],
  ])("finds a request that %s", (_what, change, words) => {
    const found = broken({ ...good, ...change });
    expect(found.join("\n")).toMatch(words);
  });
});
