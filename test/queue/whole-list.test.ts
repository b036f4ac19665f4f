import { expect, test } from "vitest";
import { systemClock } from "../../src/platform/clock.ts";
import { createLog } from "../../src/platform/log.ts";
import { operations } from "../../src/operations/index.ts";
import { isRefusal, type Offer, type Report } from "../../src/model/report.ts";
import { createAccept } from "../../src/queue/accept.ts";
import { createLocalAnswers } from "../../src/queue/local.ts";
import { keysUnder } from "../../src/redis/keys.ts";
import { createRequestSummaries } from "../../src/requests/record/summaries.ts";
import { offerActionId, offerButtonValue, parseAction } from "../../src/slack/action.ts";
import { answer } from "../../src/slack/answer-message.ts";
import { FakeConversation } from "../fakes/conversation.ts";
import { FakeFlinkReads } from "../fakes/flink-reads.ts";
import { FakeKnowledge } from "../fakes/knowledge.ts";
import { aMember, FakePeople } from "../fakes/people.ts";
import { FakeStore } from "../fakes/store.ts";
import { Drive, REQUEST_ID } from "../operations/drive.ts";
import { aRecord } from "../slack/a-record.ts";
import { ana, atRoot } from "../slack/workspace.ts";
import { aPolicy } from "../fakes/policy.ts";

/** As long as names are shown, with a number that no other one has. */
const nameOf = (i: number): string => `job-${String(i).padStart(4, "0")}-`.padEnd(90, "x");

/** A request to stop so many jobs, which waits for approval, and a bot that is pressed. */
async function waiting(jobs: number) {
  const flink = new FakeFlinkReads();
  const [summary] = await flink.overview();
  if (summary === undefined) throw new Error("no job");
  flink.overview = async () =>
    Array.from({ length: jobs }, (_, i) => ({
      ...summary,
      jobId: String(i).padStart(32, "0"),
      name: nameOf(i),
    }));
  const intent = await new Drive("stop --all", flink).intended();
  const store = new FakeStore();
  store.put(aRecord({ id: REQUEST_ID, operation: "stop-all", state: "awaiting", intent }));
  const people = new FakePeople();
  people.people.set(ana.user, aMember(ana.user));
  const nothing = new Proxy({}, { get: () => () => Promise.resolve(null) });
  const accept = createAccept({
    operations: operations,
    commandIn: () => "/flink",
    clusters: [{ name: "prod", zone: "default" }],
    channels: {},
    catalogue: { entries: [], anyJarOn: [] },
    reach: () => Promise.resolve(),
    glance: () => Promise.reject(new Error("nothing of Flink is needed")),
    queues: { add: () => Promise.reject(new Error("nothing is queued")) },
    keepResponseUrl: () => Promise.resolve(),
    local: createLocalAnswers({
      operations: operations,
      commandIn: () => "/flink",
      policy: aPolicy(),
      people,
      conversation: new FakeConversation(),
      catalogue: { entries: [], anyJarOn: [] },
      jobCache: nothing as never,
      requests: createRequestSummaries({
        store,
        keys: keysUnder("{x}"),
        unbegun: () => Promise.resolve([]),
        linkOf: () => null,
      }),
      history: { past: async () => await Promise.resolve({ requests: [], isAll: true, isWhole: true }) },
      restorable: new FakeKnowledge().restorable,
      locks: nothing as never,
      clusters: [],
      channels: {},
      store,
      nameOf: () => null,
      wake: () => Promise.resolve(),
      log: createLog("silent"),
      now: () => Promise.resolve(0),
      click: () => Promise.resolve({ is: "counted" }),
    }),
    startWithin: 600_000,
    log: createLog("silent"),
    clock: systemClock,
  });
  /** As Slack sends it back. */
  const press = async (offer: Offer): Promise<Report> => {
    const action = parseAction(offerActionId(0), offerButtonValue("d", offer) ?? "", "d");
    if (action.is !== "offer") throw new Error(JSON.stringify(action));
    const { operation, args } = action;
    const pressed = { operation, args, actor: ana, place: atRoot, source: "s", responseUrl: null, at: 0 };
    const got = await accept.press(pressed);
    if (got.is !== "later") throw new Error(JSON.stringify(got));
    const what = await got.answer();
    if (what === null || isRefusal(what)) throw new Error(JSON.stringify(what));
    return what;
  };
  return { intent, press };
}

const shownIn = (report: Report): string[] => {
  const said = JSON.stringify(answer(report, { deployment: "d", command: "/flink" }));
  return [...said.matchAll(/job-(\d{4})/gu)].map(([, n]) => n ?? "");
};

test.each([12, 100, 250])("the whole list of %i jobs is shown before anybody approves", async (jobs) => {
  const { intent, press } = await waiting(jobs);
  const [whole] = intent.offers ?? [];
  if (whole === undefined) throw new Error("the card has no room and offers nothing");
  expect(whole.label).toBe(`Show all ${jobs} jobs`);
  const seen = new Set<string>();
  let next: Offer | undefined = whole;
  while (next !== undefined) {
    const report: Report = await press(next);
    for (const n of shownIn(report)) seen.add(n);
    next = report.offers?.find((o) => o.label === "Next jobs");
  }
  expect(seen.size).toBe(jobs);
});
