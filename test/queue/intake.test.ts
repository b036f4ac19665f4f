import { describe, expect, it } from "vitest";
import { readIntake, sealedIntake } from "../../src/queue/intake.ts";
import type { Intake } from "../../src/requests/record/record.ts";
import { aSeal } from "../fakes/seal.ts";
import { anIntake } from "../requests/an-engine.ts";

/** The compiler asks for each key of an intake, also for those that most requests do not have. */
const full: Required<Intake> = { ...anIntake(), post: true, dryRun: "calls", breakGlass: true };

describe("a queue job", () => {
  it.each([
    ["with everything that a request may carry", full],
    ["of most requests", anIntake({ post: false })],
  ])("%s is read as it was written", (_, intake) => {
    const seal = aSeal();
    expect(readIntake(seal, intake.requestId, sealedIntake(seal, intake))).toEqual(intake);
  });
});
