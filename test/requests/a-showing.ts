import type { Change } from "../../src/model/operation.ts";
import type { RequestRecord } from "../../src/requests/record/record.ts";
import { aRecord, aRun, AT } from "../slack/a-record.ts";
import { aChange, ANA, anEngine, ID, type TestEngine } from "./an-engine.ts";

export const BEN = { user: "U0BEN00001", team: "T0HOME0001" };

export const record = (change: Partial<RequestRecord> = {}): RequestRecord =>
  aRecord({ id: ID, operation: "turn", actor: ANA, askedAt: AT, ...change });
export const running = (change: Partial<RequestRecord> = {}): RequestRecord =>
  record({ state: "running", approval: null, run: aRun(), ...change });
export const over = (change: Partial<RequestRecord> = {}): RequestRecord =>
  running({
    state: "ended",
    end: {
      ending: "ran",
      at: AT,
      report: { outcome: "done", headline: "all done", lines: ["Savepoint: p"] },
    },
    ...change,
  });

/** With this record, and a card where it has one. */
export async function shown(stored: RequestRecord, how: { card?: boolean; row?: Change<unknown> } = {}) {
  const t = anEngine(how.row ?? aChange());
  t.store.clock = AT + 60_000;
  t.store.monotonic = () => t.clock.monotonic();
  t.store.put(stored, 2);
  if (how.card !== false) await t.store.drawn(ID, { channel: "C1", ts: "1.0" }, 1);
  return t;
}
export const held = async (t: TestEngine) => {
  const found = await t.store.load(ID);
  if (found.record === null) throw new Error("no record");
  return found;
};
export const present = async (t: TestEngine, presenter = t.presenter): Promise<string[]> => {
  presenter.present(await held(t));
  await presenter.settled();
  return t.conversation.said.map(({ what, lane, words }) => `${what} ${lane} ${words}`);
};
