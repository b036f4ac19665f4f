import { expect, test } from "vitest";
import { z } from "zod";
import { SlackUnavailable } from "../../src/model/errors.ts";
import { defineRead } from "../../src/model/operation.ts";
import { isRefusal, type Refusal, type Report } from "../../src/model/report.ts";
import { plain } from "../../src/model/text.ts";
import { answerRead } from "../../src/queue/read.ts";
import { aMember } from "../fakes/people.ts";
import { aChange, ANA, anEngine, anIntake, type TestEngine } from "../requests/an-engine.ts";
import { aPolicy } from "../fakes/policy.ts";

const peek = defineRead({
  kind: "read",
  name: "peek",
  summary: "Look at a job",
  examples: ["peek orders"],
  args: z.strictObject({}),
  positionals: [],
  class: "view",
  find: () => ({ find: "job", job: "orders" }),
  read: () => Promise.resolve({ outcome: "done", headline: "it runs", lines: [] }),
});

/** What is answered to a question that is so old when a worker takes it. */
async function answered(ageMs: number, slack: Error | null = null) {
  return await answeredBy(anEngine(peek), ageMs, slack);
}

async function answeredBy(t: TestEngine, ageMs = 0, slack: Error | null = null) {
  const said: string[] = [];
  t.engine.conversation.answer = (_to, what: Report | Refusal) => {
    if (slack !== null) return Promise.reject(slack);
    said.push(plain(isRefusal(what) ? what.refuse : what.headline));
    return Promise.resolve();
  };
  const intake = anIntake({ operation: "peek", askedAt: t.store.clock - ageMs });
  return { next: await answerRead(t.engine, intake), said };
}

test("a question is answered as long as the answer is of use, and after that in words that say so", async () => {
  expect(await answered(59_000)).toEqual({ next: { is: "done" }, said: ["it runs"] });
  const late = "This took too long: peek orders reached a worker only 95 s after you sent it.";
  expect(await answered(95_000)).toEqual({
    next: { is: "done" },
    said: [`${late} Nothing was read. Try again.`],
  });
  // hours later too: it was accepted
  expect((await answered(3 * 3_600_000)).said).toHaveLength(1);
});

test("Slack's trouble is waited out for as long as somebody can be told", async () => {
  const away = new SlackUnavailable("away", 700);
  expect((await answered(95_000, away)).next).toEqual({ is: "again", inMs: 700 });
  expect((await answered(31 * 60_000, away)).next).toEqual({ is: "done" });
});

test("what only operators may read is judged by the groups of operators, not of viewers", async () => {
  const inOps = { groups: ["S0OPS"], users: [] };
  const t = anEngine({ ...peek, class: "operate" });
  const { engine, people } = t;
  engine.policy = aPolicy({ operate: inOps, view: { groups: ["S0VIEW"], users: [] } });
  people.people.set(ANA.user, aMember(ANA.user, { groups: new Set(["S0VIEW"]) }));
  expect((await answeredBy(t)).said).toEqual(["You are not allowed to use peek. Allowed: @S0OPS."]);
  people.people.set(ANA.user, aMember(ANA.user, { groups: new Set(["S0OPS"]) }));
  expect((await answeredBy(t)).said).toEqual(["it runs"]);
  expect(people.looked.map(({ how }) => how.groups)).toEqual([["S0OPS"], ["S0OPS"]]);
});

test("a private answer offers what the person may do there, and everything where Slack does not say", async () => {
  const change = { ...aChange(), name: "turn" };
  const offers = [{ label: "Turn", operation: "turn", args: {} }];
  const shown = async (prepare: (t: TestEngine) => void) => {
    const t = anEngine({
      ...peek,
      read: () => Promise.resolve({ outcome: "done", headline: "it runs", lines: [], offers }),
    });
    t.engine.operations = new Map([...t.engine.operations, ["turn", change]]);
    prepare(t);
    let labels: readonly string[] = [];
    t.engine.conversation.answer = (_to, what: Report | Refusal) => {
      labels = (what.offers ?? []).map((o) => o.label);
      return Promise.resolve();
    };
    await answerRead(t.engine, anIntake({ operation: "peek", askedAt: t.store.clock }));
    return labels;
  };
  const stranger = { groups: [], users: ["U0BEN00001"] };
  expect(await shown(() => undefined)).toContain("Turn");
  expect(await shown(({ engine }) => (engine.policy = aPolicy({ operate: stranger })))).not.toContain("Turn");
  const away = await shown(({ engine, people }) => {
    engine.policy = aPolicy({ operate: stranger });
    const lookup = people.lookup.bind(people);
    people.lookup = async (actor, how) =>
      how?.groups?.length === 0 && people.looked.length > 0
        ? await Promise.reject(new SlackUnavailable("away", 0))
        : await lookup(actor, how);
  });
  expect(away).toContain("Turn");
});
