import { expect, it } from "vitest";
import { changing, lineageOf } from "../../src/model/lineage.ts";
import type { RequestOnName } from "../../src/model/knowledge.ts";
import { aStop } from "../fakes/knowledge.ts";

const [OLD, NEW, BACK] = ["old", "new", "back"];
/** It has stopped OLD, started NEW, and rolls back to BACK. */
const restart = (over: Partial<RequestOnName> = {}): RequestOnName =>
  aStop({
    id: "restart",
    state: "running",
    jobId: OLD,
    ended: null,
    launched: [
      { jobId: NEW, fate: "sent" },
      { jobId: BACK, fate: "coming" },
    ],
    ...over,
  });
const ids = (jobId: string, requests: readonly RequestOnName[]): readonly string[] =>
  lineageOf({ jobId }, requests).map((j) => j.jobId);

it.each([
  ["what was there before", OLD, [OLD, NEW, BACK]],
  // seed 31677 of the simulator: a cancel of NEW was done, and BACK ran
  ["what a restart has started, and rolls back from", NEW, [NEW, BACK]],
  ["what it rolls back to", BACK, [BACK]],
  ["another job", "other", ["other"]],
])("a brake on %s knows what comes after it", (_what, jobId, line) => {
  expect(ids(jobId, [restart()])).toEqual(line);
});

it("the request that is still at it is one that the brake stops", () => {
  const requests = [restart()];
  for (const jobId of [OLD, NEW, BACK])
    expect(changing(lineageOf({ jobId }, requests), requests).map((r) => r.id)).toEqual(["restart"]);
  expect(changing(lineageOf({ jobId: "other" }, requests), requests)).toEqual([]);
  const over = [restart({ state: "over" })];
  expect(changing(lineageOf({ jobId: NEW }, over), over)).toEqual([]);
});

it("goes on through further requests, oldest first", () => {
  const later = restart({ id: "later", jobId: BACK, launched: [{ jobId: "next", fate: "sent" }] });
  expect(ids(NEW, [later, restart({ state: "over" })])).toEqual([NEW, BACK, "next"]);
});

/** What a brake on a job ends that someone deployed while an older one of its name was rehearsed. */
const besides = (over: Partial<RequestOnName>): readonly string[] => {
  const launched = [{ jobId: "rehearsal", fate: "sent", isRehearsal: true }] as const;
  const rehearse = aStop({ id: "rehearse", jobId: OLD, ended: null, launched, ...over });
  return lineageOf({ jobId: "deployed" }, [rehearse], "brake").map((j) => j.jobId);
};

// seed 3007360 of the simulator: a cancel of the new job left the rehearsal alone
it("has the rehearsal of an older job of the name, if its request is running or was taken over by this brake", () => {
  expect(besides({ state: "running" })).toEqual(["deployed", "rehearsal"]);
  expect(besides({ state: "over", supersededBy: "brake" })).toEqual(["deployed", "rehearsal"]);
  expect(besides({ state: "over", supersededBy: "another brake" })).toEqual(["deployed"]);
  expect(besides({ state: "over" })).toEqual(["deployed"]);
});
