import type { BreakGlassRule, Policy } from "../../src/policy/policy.ts";
import type { Intake, RequestRecord } from "../../src/requests/record/record.ts";
import { asking } from "../fakes/policy.ts";
import { aChange, ANA, anEngine, anIntake, ID, type TestEngine } from "./an-engine.ts";

export const ALARM = "C0ALARM";
const people = {
  operate: { groups: [], users: [ANA.user] },
  leads: { groups: ["S0LEADS"], users: [] },
};
export const brakes: BreakGlassRule = {
  name: "brakes",
  match: { operations: ["turn"] },
  people: ["operate"],
  review: ["leads"],
  announce: ALARM,
};
/** Who asks for a change needs an approval by the leads, or uses break-glass, which the leads review. */
export const glassPolicy = (rule: Partial<BreakGlassRule> | null = {}): Policy =>
  asking([{ from: ["leads"], count: 1 }], {
    people,
    breakGlass: rule === null ? [] : [{ ...brakes, ...rule }],
  });

/** Ana asks to turn orders with break-glass. */
export const aGlass = (change: Partial<Intake> = {}): Intake =>
  anIntake({ breakGlass: true, reason: "pager, sink stuck", ...change });

export function aGlassEngine(policy = glassPolicy(), row = aChange()): TestEngine {
  const t = anEngine(row);
  t.engine.policy = policy;
  return t;
}

/** How it ended, and the lines of its report. */
export const endOf = (t: TestEngine, id = ID): RequestRecord["end"] => t.store.get(id).end;
