import type { CardView } from "../../src/slack/card.ts";
import type { RequestRecord } from "../../src/requests/record/record.ts";
import { t } from "../../src/model/text.ts";

/** 2026-11-22 10:00 UTC. */
export const AT = 1_795_341_600_000;

/** A stop that waits for approval; whatever is given replaces its fields. */
export const aRecord = (change: Partial<RequestRecord> = {}): RequestRecord => ({
  v: 1,
  id: "1a2b3c4d5e6f70819a2b3c4d5e6f7081",
  operation: "stop",
  class: "destructive",
  args: { job: "orders" },
  target: { kind: "job", cluster: "prod", jobId: "3f9c0000111122223333444455556666", name: "orders" },
  actor: { user: "U0ANA00001", team: "T0HOME0001" },
  place: { channel: "C0FLINKOPS", thread: null, door: "command" },
  reason: "drain before schema change",
  askedAt: AT,
  state: "awaiting",
  intent: {
    headline: t`Stop ${{ b: "orders" }} with a savepoint`,
    losses: [],
    warnings: [],
    details: ["running for 2 d 4 h at parallelism 24"],
    binds: null,
    facts: {},
  },
  approval: {
    needed: 1,
    by: { groups: ["S0APPROVE1"], users: [] },
    expiresAt: AT + 900_000,
    digest: "d1",
    votes: [],
  },
  startBy: null,
  waiting: null,
  run: null,
  milestones: [],
  claims: [],
  launched: [],
  parent: null,
  children: [],
  supersededBy: null,
  supersedes: [],
  end: null,
  second: null,
  ...change,
});

export const aRun = (
  change: Partial<NonNullable<RequestRecord["run"]>> = {},
): NonNullable<RequestRecord["run"]> => ({
  phase: "stop",
  visit: 1,
  stage: "sent",
  effect: null,
  effectId: "e",
  lease: null,
  anchor: null,
  sent: { is: "accepted", answer: null },
  results: {},
  visits: {},
  startedAt: AT,
  enteredAt: AT,
  note: "Flink is writing the savepoint",
  notedAt: AT,
  progress: null,
  table: null,
  ...change,
});

/** A stop that Ana started with break-glass; it has ended, and nobody has reviewed it. */
export const aGlassRecord = (change: Partial<RequestRecord> = {}): RequestRecord =>
  aRecord({
    state: "ended",
    approval: null,
    reason: "pager, sink stuck",
    breakGlass: {
      review: { from: ["leads"], count: 1, by: { groups: ["S0LEADS"], users: [] } },
      copyIn: "C0ALARM",
      claim: "break-glass/U0ANA00001",
      reviewed: null,
    },
    run: aRun(),
    end: {
      ending: "ran",
      at: AT + 30_000,
      report: { outcome: "done", headline: "orders stopped", lines: ["Savepoint: p"] },
    },
    ...change,
  });

export const view: CardView = {
  deployment: "flinkops",
  command: "/flink",
  labelOf: (cluster) => (cluster === "prod" ? "PROD EU" : cluster),
};
