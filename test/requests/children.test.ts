import { describe, expect, it } from "vitest";
import { FlinkUnreachable, SlackUnavailable } from "../../src/model/errors.ts";
import type { Effect } from "../../src/model/effect.ts";
import type { Change } from "../../src/model/operation.ts";
import type { Intent } from "../../src/model/intent.ts";
import { digestOf } from "../../src/requests/record/binding.ts";
import { plain } from "../../src/model/text.ts";
import { effectIdOf } from "../../src/requests/record/identity.ts";
import { createLaunchHistory } from "../../src/requests/record/launch-history.ts";
import type { RequestRecord } from "../../src/requests/record/record.ts";
import { childIdOf } from "../../src/requests/steps/spawn.ts";
import { keysUnder } from "../../src/redis/keys.ts";
import { aState, anEntry } from "../fakes/knowledge.ts";
import { aRecord, aRun } from "../slack/a-record.ts";
import {
  aChange,
  ANA,
  anEngine,
  anIntake,
  ID,
  JOB_ID,
  runSteps as run,
  type TestEngine,
} from "./an-engine.ts";
import { withApprovers } from "../fakes/policy.ts";

const events = (t: TestEngine): string[] =>
  t.store.audit.map((line) => (JSON.parse(line) as { event: string }).event);

const doing = (effect: Effect, over: Partial<Change<unknown>> = {}): Change<unknown> => {
  const row = aChange();
  const one = { deadlineMs: 60_000, effect: () => Promise.resolve(effect), observe: endsWell };
  return { ...row, phases: { ...row.phases, one }, ...over };
};
const endsWell = () =>
  Promise.resolve({
    kind: "end" as const,
    report: { outcome: "done" as const, headline: "all done", lines: [], facts: { jobId: "n" } },
  });

async function whoIsMeant(typed: string, set: (t: TestEngine) => void = () => undefined): Promise<string> {
  const t = anEngine({
    ...aChange(),
    open: (c) => Promise.resolve({ refuse: JSON.stringify(c.target) }),
  });
  set(t);
  await run(t, anIntake({ find: "name", job: typed }));
  return plain(t.store.get(ID).end?.report.headline ?? "");
}

describe("a job that is meant by its name", () => {
  it("may be named by its id, also where it is gone", async () => {
    expect(await whoIsMeant("orders")).toContain('"name":"orders"');
    expect(await whoIsMeant(JOB_ID.slice(0, 8))).toContain('"name":"orders"');
    const gone = "9".repeat(8);
    expect(await whoIsMeant(gone)).toContain(`"name":"${gone}"`);
    const states = [aState({ jobId: gone.repeat(4), jobName: "payments" })];
    expect(await whoIsMeant(gone, (t) => Object.assign(t.known, { states }))).toContain('"name":"payments"');
  });

  it("is not guessed: two names, or a name that looks like an id", async () => {
    const id = JOB_ID.slice(0, 8);
    const states = [aState({ jobId: JOB_ID, jobName: "payments" })];
    expect(await whoIsMeant(id, (t) => Object.assign(t.known, { states }))).toContain(`"name":"${id}"`);
    const catalogue = { entries: [anEntry({ name: id })], anyJarOn: [] };
    expect(await whoIsMeant(id, (t) => Object.assign(t.known, { catalogue }))).toContain(`"name":"${id}"`);
  });
});

describe("a job that a request starts", () => {
  const effect: Effect = {
    do: "run",
    jobId: effectIdOf(ID, "one", 0),
    from: null,
    jar: "a.jar",
    entryClass: null,
    args: [],
    parallelism: null,
    allowNonRestoredState: false,
  };

  it("is noted, claimed and found again by its id, from before it is sent", async () => {
    const t = anEngine(doing(effect, { holds: () => [{ job: JOB_ID }, { name: "orders" }] }));
    t.effects.throws = [new SlackUnavailable("stop here", 60_000)];
    await run(t, anIntake());
    const record = t.store.get(ID);
    expect(record.launched).toMatchObject([{ jobId: effect.jobId, jar: "a.jar", from: null }]);
    expect([...t.store.claims.keys()]).toEqual([
      `prod/id/${JOB_ID}`,
      "prod/name/orders",
      `prod/id/${effect.jobId}`,
    ]);
    const launched = createLaunchHistory(t.store, keysUnder("{t}"));
    expect(await launched("prod", effect.jobId)).toMatchObject({ jar: "a.jar" });
    expect(await launched("prod", JOB_ID)).toBeNull();
  });

  it("is released with everything else at the end", async () => {
    const t = anEngine(doing(effect, { holds: () => [{ name: "orders" }] }));
    await run(t, anIntake());
    expect(t.store.get(ID).end?.ending).toBe("ran");
    expect(t.store.claims.size).toBe(0);
  });
});

describe("requests that a request starts", () => {
  const child = { operation: "turn", args: { n: 1 }, jobId: JOB_ID, name: "orders" };
  const CHILD = childIdOf(ID, JOB_ID);
  const parent = (change: Partial<RequestRecord> = {}): RequestRecord =>
    aRecord({
      id: ID,
      state: "running",
      approval: null,
      actor: ANA,
      children: [{ id: CHILD, jobId: JOB_ID, name: "orders" }],
      run: aRun(),
      ...change,
    });
  const childIntake = anIntake({ requestId: CHILD, parent: ID });

  it("are queued under ids that follow from it, and are its own whatever dies", async () => {
    const t = anEngine(doing({ do: "spawn", children: [child] }));
    await run(t, anIntake());
    expect(t.spawned).toMatchObject([
      {
        requestId: CHILD,
        operation: "turn",
        args: { n: 1 },
        parent: ID,
        bound: { jobId: JOB_ID },
        actor: ANA,
      },
    ]);
    expect(t.store.get(ID).children).toEqual([{ id: CHILD, jobId: JOB_ID, name: "orders" }]);
    expect(t.effects.performed).toEqual([]);
    expect(events(t)).toEqual(["asked", "calling", "called", "ended"]);
  });

  it("have no card of their own and tell nobody: their line is on the parent's card", async () => {
    const t = anEngine(aChange());
    t.store.put(parent());
    expect(await run(t, childIntake)).toEqual({ is: "done" });
    expect(t.store.get(CHILD).end?.report.outcome).toBe("done");
    expect(t.posted).toEqual([]);
  });

  it("need no approval of their own where the other one has it, and start only while that holds", async () => {
    const row = { ...aChange(), class: "destructive" as const };
    const ben = { user: "U0BEN00001", team: "T0HOME0001" };
    const digest = digestOf(parent());
    const votes = [{ actor: ben, kind: "approve" as const, at: 1, digest }];
    const approval = { needed: 1, by: { groups: [], users: [] }, expiresAt: 1, digest, votes };
    const start = async (over: Partial<RequestRecord>) => {
      const t = anEngine(row);
      t.engine.policy = withApprovers(t.engine.policy, { groups: [], users: ["U0BEN00001"] });
      t.store.put(parent({ approval, ...over }));
      await run(t, childIntake);
      const { end } = t.store.get(CHILD);
      return `${end?.ending}: ${plain(end?.report.headline ?? "")}`;
    };
    expect(await start({})).toBe("ran: all done");
    expect(await start({ state: "ended" })).toContain("the request that it belongs to is no longer running");
    expect(await start({ children: [] })).toContain("is no longer running");
    expect(await start({ approval: { ...approval, votes: [] } })).toContain("is not valid");
    expect(await start({ args: { all: true, but: "this" } })).toContain("it was given for something else");
    expect(await start({ supersededBy: { requestId: "r9", actor: "U" } })).toContain("is no longer running");
  });
});

describe("what turns out to be more than its row says", () => {
  const destructive: Intent = {
    headline: "start from nothing",
    losses: ["all of it"],
    warnings: [],
    details: [],
    binds: null,
    facts: {},
    class: "destructive",
  };

  it("waits for another person", async () => {
    const t = anEngine({ ...aChange(), open: () => Promise.resolve(destructive) });
    t.engine.policy = withApprovers(t.engine.policy, { groups: [], users: ["U0BEN00001"] });
    await run(t, anIntake());
    expect(t.store.get(ID)).toMatchObject({ state: "awaiting", class: "destructive" });
    expect(t.effects.performed).toEqual([]);
  });

  it("is refused where nobody may approve", async () => {
    const t = anEngine({ ...aChange(), open: () => Promise.resolve(destructive) });
    await run(t, anIntake());
    expect(t.store.get(ID).end?.ending).toBe("refused");
    expect(t.effects.performed).toEqual([]);
  });
});

const looking = (followUp: Change<unknown>["followUp"]) =>
  anEngine({ ...doing({ do: "cancel", jobId: JOB_ID }), ...(followUp === undefined ? {} : { followUp }) });

describe("the follow-up", () => {
  const seen = { line: "0 restarts", worse: false };

  it("comes minutes after a good end: one more line, and no reply where nothing got worse", async () => {
    const t = looking(() => Promise.resolve(seen));
    expect(await run(t, anIntake())).toMatchObject({ is: "again" });
    // it holds nothing while it waits
    expect(t.store.claims.size).toBe(0);
    expect(t.posted).toEqual(["card", "edit", "reply"]);
    t.store.clock += 300_000;
    expect(await run(t, anIntake())).toEqual({ is: "done" });
    expect(t.store.get(ID)).toMatchObject({ state: "closed", second: { line: "0 restarts", worse: false } });
    expect(t.posted).toEqual(["card", "edit", "reply", "edit"]);
    expect(events(t).at(-1)).toBe("looked again");
  });

  it("replies where it got worse, once", async () => {
    const t = looking(() => Promise.resolve({ ...seen, worse: true }));
    await run(t, anIntake());
    t.store.clock += 300_000;
    await run(t, anIntake());
    expect(t.posted).toEqual(["card", "edit", "reply", "edit", "reply"]);
  });

  it("does not come after a bad end", async () => {
    const t = anEngine({
      ...aChange([{ kind: "end", report: { outcome: "failed", headline: "no", lines: [] } }]),
      followUp: () => Promise.resolve(seen),
    });
    expect(await run(t, anIntake())).toEqual({ is: "done" });
    expect(t.store.get(ID).second).toBeNull();
  });

  it("asks a cluster that does not answer again, and not for ever", async () => {
    const t = looking(() => t.reads.job(JOB_ID).then(() => seen));
    await run(t, anIntake());
    t.reads.down = new FlinkUnreachable("connect ECONNREFUSED", "no");
    t.store.clock += 300_000;
    expect(await run(t, anIntake())).toEqual({ is: "again", inMs: 5000 });
    t.store.clock += 130_000;
    expect(await run(t, anIntake())).toEqual({ is: "done" });
    expect(plain(t.store.get(ID).second?.line ?? "")).toContain("its cluster did not answer");
  });
});
