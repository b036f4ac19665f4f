import { describe, expect, it } from "vitest";
import { isRefusal } from "../../src/model/report.ts";
import { plain } from "../../src/model/text.ts";
import type { DryRun } from "../../src/requests/record/record.ts";
import { preview } from "../../src/requests/steps/preview.ts";
import { aPolicy } from "../fakes/policy.ts";
import { aChange, ANA, anEngine, anIntake, type TestEngine } from "./an-engine.ts";

async function shown(t: TestEngine, dryRun: DryRun = "calls"): Promise<string> {
  const answer = await preview(t.engine, { ...anIntake(), dryRun }, t.store.clock);
  const lines = isRefusal(answer)
    ? [answer.refuse, ...(answer.instead ?? [])]
    : [answer.headline, ...answer.lines];
  return lines.map(plain).join("\n");
}
const operate = { groups: [], users: [ANA.user] };
const approve = { groups: ["S0APPROVE1"], users: [] };

describe("a dry run", () => {
  it("shows what decides, what is bound, and the call that would be sent, and does nothing", async () => {
    const change = aChange();
    const binds = { jobId: "e296", startTime: 5, requirements: { v1: { upperBound: 4 } } };
    const open = async () => ({
      headline: "turn orders",
      losses: [],
      warnings: [],
      details: [],
      binds,
      facts: {},
    });
    const t = anEngine({ ...change, open });
    const said = await shown(t);
    expect(said).toContain("Dry run: turn orders");
    expect(said).toContain(
      'Bound until it starts: job id e296, start time 1970-01-01 00:00 UTC, requirements {"v1":{"upperBound":4}}.',
    );
    expect(said).toContain("Rule operate allows it.");
    expect(said).toMatch(/Call: POST \/cancel \{"triggerId":"[0-9a-f]{32}"\}/u);
    expect(said).toContain("Later steps, as Flink answers: two.");
    expect(said).toContain("Nothing was queued, and nothing was changed.");
    expect(t.effects.performed).toEqual([]);
    expect(() => t.store.get("r1")).toThrow("no record");
  });

  it("names who must approve", async () => {
    const t = anEngine({ ...aChange(), class: "destructive" });
    t.engine.policy = aPolicy({ operate, approve });
    const said = await shown(t);
    expect(said).toContain("Rule destructive asks for the approval of 1 of approve, not you.");
    expect(said).toContain("@S0APPROVE1");
  });

  it("is refused as the request would be, with the rule", async () => {
    const t = anEngine({ ...aChange(), class: "destructive" });
    const said = await shown(t);
    expect(said).toContain("no approvers are configured (people.approve)");
    expect(said).toContain("Rule: no_approvers. Nothing was queued.");
  });

  it.each(["calls", "rights"] as const)("that the policy refuses leaves an entry (%s)", async (dryRun) => {
    const t = anEngine({ ...aChange(), class: "destructive" });
    await shown(t, dryRun);
    const [entry, ...more] = t.store.audit.map((line): unknown => JSON.parse(line));
    expect(more).toEqual([]);
    expect(entry).toMatchObject({
      event: "refused",
      actor: ANA.user,
      detail: { rule: "no_approvers", outcome: "failed", dryRun },
    });
  });

  it("that something else is in the way of leaves none", async () => {
    const t = anEngine(aChange());
    t.engine.cluster = () => undefined;
    expect(await shown(t)).toContain("Rule: unknown_cluster");
    expect(t.store.audit).toEqual([]);
  });

  it("tells the rights alone where only they are asked for", async () => {
    const t = anEngine({ ...aChange(), class: "destructive" });
    t.engine.policy = aPolicy({ operate, approve });
    const said = await shown(t, "rights");
    expect(said.split("\n")).toHaveLength(2);
    expect(said).toContain("Yes, once others approve: turn orders");
  });
});
