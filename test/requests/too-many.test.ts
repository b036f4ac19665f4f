import { describe, expect, it } from "vitest";
import { plain } from "../../src/model/text.ts";
import type { Change } from "../../src/model/operation.ts";
import type { Intake, RequestRecord } from "../../src/requests/record/record.ts";
import { aChange, ANA, anEngine, anIntake, aTurn, ID, runSteps } from "./an-engine.ts";

const NOW = 1_000_000;
const STATES = ["running", "ready", "awaiting"] as const;

/** With so many open requests of Ana's, each of which has another state than the one before; and what becomes of one more. */
async function another(
  open: number,
  how: {
    row?: Change<unknown>;
    intake?: Partial<Intake>;
    change?: Partial<RequestRecord>;
  } = {},
) {
  const t = anEngine(how.row ?? aChange());
  t.engine.mostOpen = 3;
  t.engine.link = (id) => Promise.resolve(`https://slack.example/${id}`);
  t.store.clock = NOW;
  for (let i = 0; i < open; i += 1) {
    const state = STATES[i % STATES.length] ?? "ready";
    const one = aTurn({ id: `old${i}00000000`, state, askedAt: NOW - 1000 * (open - i), args: { n: i } });
    t.store.put({ ...one, ...how.change });
  }
  const intake = anIntake({ askedAt: NOW, ...how.intake });
  await runSteps(t, intake);
  const { state, end } = t.store.get(ID);
  const refused = end?.ending === "refused" ? plain(end.report.headline) : null;
  return { refused, lines: end?.report.lines.map(plain) ?? [], state, rule: end?.report.facts?.["rule"] };
}

describe("open requests of one person", () => {
  it("are as many as are allowed; one more is refused, with the oldest and how to withdraw", async () => {
    expect((await another(2)).refused).toBeNull();
    const { refused, lines, rule } = await another(3);
    expect(refused).toBe("You have 3 open requests, and 3 are allowed at a time. Nothing was changed.");
    expect(rule).toBe("too_many_open");
    expect(lines).toEqual([
      "The oldest of them:",
      "old00000: turn orders on PROD, running, requested 1970-01-01 00:16 UTC",
      "old10000: turn orders on PROD, waiting to start, requested 1970-01-01 00:16 UTC",
      "old20000: turn orders on PROD, waiting for approval, requested 1970-01-01 00:16 UTC",
      "Withdraw those that nobody needs any more, for example with withdraw old10000, or wait until one has ended. A running request cannot be withdrawn.",
    ]);
  });
  it("are named five at most", async () => {
    expect((await another(9)).lines).toHaveLength(1 + 5 + 1);
  });
  it.each<[string, Partial<RequestRecord>]>([
    ["of others", { actor: { ...ANA, user: "U0BEN00001" } }],
    ["that another request has started", { parent: "r0" }],
    [
      "that have ended and are not closed yet",
      {
        state: "ended",
        end: { ending: "ran", at: NOW, report: { outcome: "done", headline: "all done", lines: [] } },
      },
    ],
  ])("do not count those %s", async (_, change) => {
    expect((await another(9, { change })).refused).toBeNull();
  });
  it("keep nobody from a brake", async () => {
    const row = { ...aChange(), preempts: () => true };
    expect((await another(9, { row })).refused).toBeNull();
  });
  it("do not keep a request for many jobs from starting them", async () => {
    expect((await another(9, { intake: { parent: "old0000000000" } })).rule).not.toBe("too_many_open");
  });
});
