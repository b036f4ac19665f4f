import { describe, expect, it } from "vitest";
import { operations } from "../../src/operations/index.ts";

const later = operations.flatMap((operation) =>
  operation.kind === "change"
    ? Object.entries(operation.phases)
        .filter(([name, phase]) => name !== operation.first && phase.effect !== undefined)
        .map(([name, phase]) => ({ what: `${operation.name}, ${name}`, phase }))
    : [],
);

// a default would be found out when someone's lock stops a job between its stop and its start
describe("a phase that sends a further effect", () => {
  it("is there in these operations", () => {
    expect(later.map(({ what }) => what)).toEqual([
      "cancel, cancel",
      "run, newer",
      "rehearse, rehearsal",
      "rehearse, rehearsal-cancel",
      "rehearse, rehearsal-dispose",
      "restart, run",
      "restart, cancel",
      "restart, back",
      "rollback, run",
      "dispose, again",
      "rehearsed-restart, stop",
      "rehearsed-restart, run",
      "rehearsed-restart, cancel",
      "rehearsed-restart, back",
      "rehearsed-restart, rehearsal",
      "rehearsed-restart, rehearsal-cancel",
      "rehearsed-restart, rehearsal-dispose",
      "savepoint-all, each",
      "stop-all, each",
    ]);
  });

  it.each(later)("says whether it is sent although someone locked the job: $what", ({ phase }) => {
    expect("finishes" in phase).toBe(true);
  });
});
