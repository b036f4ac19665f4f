import { describe, expect, it } from "vitest";
import { StoredDataInvalid } from "../../src/model/errors.ts";
import { plain } from "../../src/model/text.ts";
import { aChange, anEngine, anIntake, ID, JOB_ID, runSteps, type TestEngine } from "./an-engine.ts";

const ending = (t: TestEngine): string => {
  const { end } = t.store.get(ID);
  return end === null ? "open" : `${end.ending} ${end.report.outcome}: ${plain(end.report.headline)}`;
};

describe("what this version cannot read of a request ends it in words", () => {
  const unread = new StoredDataInvalid("reading the fact ways of a request: it is a number");

  it("before anything was sent", async () => {
    const t = anEngine(aChange());
    const row = t.engine.operations.get("turn");
    if (row?.kind !== "change" || row.phases["one"] === undefined) throw new Error("no row");
    row.phases["one"].effect = () => Promise.reject(unread);
    await runSteps(t, anIntake());
    expect(t.effects.performed).toEqual([]);
    expect(ending(t)).toBe(
      "void failed: This version of flinkops cannot read the record of this request; nothing was sent",
    );
  });

  it("and after that, with where to look", async () => {
    const t = anEngine(aChange([unread]));
    await runSteps(t, anIntake());
    expect(ending(t)).toBe(
      "ran unknown: This version of flinkops cannot read the record of this request; the outcome is unknown",
    );
    expect(t.store.get(ID).end?.report.lines.map(plain).join()).toContain(JOB_ID);
    expect(t.store.claims.size).toBe(0);
  });
});
