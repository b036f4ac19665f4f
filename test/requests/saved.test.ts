import { expect, it } from "vitest";
import { disposedBy } from "../../src/requests/record/indexes.ts";
import { locationOf, type RequestRecord } from "../../src/requests/record/record.ts";
import { freshRun } from "../../src/requests/steps/enter-phase.ts";
import { aRecord } from "../slack/a-record.ts";

const [FIRST, SECOND] = ["s3://b/r1-rehearsal/savepoint-1", "s3://b/r1/savepoint-2"];
/** A restart after a rehearsal, by the results of its phases so far. */
const after = (results: NonNullable<RequestRecord["run"]>["results"]): RequestRecord => {
  const record = aRecord({ state: "ended" });
  return { ...record, run: { ...freshRun(record, "stop", { now: 0, before: null }), results } };
};
const saved = { "rehearsal-savepoint": { location: FIRST }, rehearsal: { is: "healthy" } };
const deleted = { ...saved, "rehearsal-dispose": { disposed: FIRST } };

it("the savepoint of a request is the last one that it has not deleted", () => {
  expect(locationOf(after(saved))).toBe(FIRST);
  expect(locationOf(after(deleted))).toBeNull();
  expect(locationOf(after({ ...deleted, stop: { location: SECOND } }))).toBe(SECOND);
  const kept = { ...saved, "rehearsal-dispose": { location: FIRST } };
  expect(locationOf(after({ ...kept, stop: { location: SECOND } }))).toBe(SECOND);
});

it("a savepoint that a phase has deleted is remembered, whatever the request ended as", () => {
  expect(disposedBy(after(saved))).toEqual([]);
  expect(disposedBy(after(deleted))).toMatchObject([{ path: FIRST }]);
  expect(disposedBy({ ...after(deleted), state: "running" })).toEqual([]);
});
