import { expect, test } from "vitest";
import { z } from "zod";
import { SlackUnavailable } from "../../src/model/errors.ts";
import { defineRead } from "../../src/model/operation.ts";
import { isRefusal, type Refusal, type Report } from "../../src/model/report.ts";
import { plain } from "../../src/model/text.ts";
import { answerRead } from "../../src/queue/read.ts";
import { anEngine, anIntake } from "../requests/an-engine.ts";

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
  const t = anEngine(peek);
  const said: string[] = [];
  t.engine.conversation.answer = (_to, _place, _url, what: Report | Refusal) => {
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
