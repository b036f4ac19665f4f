import { OpsError } from "../../../src/model/errors.ts";
import { type Account, accountOf, accountSchema } from "../../../src/slack/account.ts";
import { createAskOnce } from "../../../src/slack/ask-once.ts";
import { createChannels } from "../../../src/slack/channels.ts";
import { fits, outsideOf } from "../../../src/slack/membership.ts";
import { ourselvesOf } from "../../../src/slack/ourselves.ts";
import { createTurns } from "../../../src/slack/turns.ts";
import { rates } from "../../../src/slack/rate-limits.ts";
import { ManualClock } from "../../fakes/clock.ts";
import { slackSample } from "../../samples/samples.ts";
import { aLog, noLimit } from "../../slack/workspace.ts";
import { mutated } from "../mutate.ts";
import { must, refused, type Subject, subject, understood } from "../subject.ts";
import { fit, taken } from "../words.ts";
import { words } from "../../../src/slack/answer-message.ts";

const METHODS = ["auth.test", "users.info", "conversations.info"] as const;
interface Answered {
  method: (typeof METHODS)[number];
  body: unknown;
}

const account = {
  ok: true,
  user: {
    id: "U0ANA00001",
    team_id: "T0HOME0001",
    name: "ana",
    deleted: false,
    profile: { display_name: "Ana", real_name: "Ana B" },
    is_restricted: false,
    is_bot: false,
    enterprise_user: { enterprise_id: "E1", teams: ["T0HOME0001"] },
  },
};
const US = {
  ok: true,
  team: "acme",
  team_id: "T0HOME0001",
  user: "flinkops",
  user_id: "U0BOT00001",
  bot_id: "B1",
  url: "https://acme.slack.com/",
};
const BODIES: Readonly<Record<Answered["method"], readonly object[]>> = {
  "auth.test": [US, { ...slackSample("auth.test"), ...US }],
  "users.info": [account, { ...slackSample("users.info"), ...account }, { ok: true }],
  "conversations.info": [
    { ok: true, channel: { id: "C1", is_member: true, is_ext_shared: false } },
    { ok: true, channel: { id: "C1", is_member: false, is_mpim: true } },
    slackSample("conversations.info"),
  ],
};

/** The product's side, so that a test can break it. */
const product = { accountOf };

/** Answers of Slack's Web API. */
export const webApi = (door: typeof product = product): Subject =>
  subject({
    name: "web-api",
    make(random): Answered {
      const method = random.pick(METHODS);
      return { method, body: mutated(random.pick(BODIES[method]), random, { shapes: 0.4, most: 2 }) };
    },
    async judge({ method, body }) {
      try {
        return understood(`${method} ${await READ[method](body, door)}`);
      } catch (error) {
        if (!(error instanceof OpsError)) throw error;
        fit(error.message, { most: 500 });
        return refused(`${method}: ${error.message}`);
      }
    },
  });

const READ: Readonly<Record<Answered["method"], (body: unknown, door: typeof product) => Promise<string>>> = {
  async "auth.test"(body) {
    const us = ourselvesOf(body);
    for (const text of [us.team, us.botUser, us.name, us.enterprise ?? "", us.botId ?? "", us.url ?? ""])
      must(typeof text === "string", () => `who we are is ${JSON.stringify(us)}`);
    return "known";
  },
  async "users.info"(body, door) {
    const clock = new ManualClock();
    const ask = createAskOnce({ answers: null, limiter: noLimit, clock });
    const found: Account = await ask(
      {
        what: "account:U1",
        key: "account",
        rate: rates.account,
        maxAgeMs: 5_000,
        keepMs: () => 5_000,
        ask: async () => door.accountOf(body as never),
        schema: accountSchema,
      },
      { lane: "answer", patienceMs: 0 },
    );
    must(
      accountSchema.safeParse(found).success,
      () => `an account that no other process reads: ${JSON.stringify(found)}`,
    );
    if (found.nobody) return "nobody";
    const us = { team: "T0HOME0001", enterprise: null };
    fits("T1", found, us);
    return outsideOf(found, us, "workspace") ?? "member";
  },
  async "conversations.info"(body) {
    const clock = new ManualClock();
    const turns = createTurns({ limiter: noLimit, clock, log: aLog(), signal: new AbortController().signal });
    const client = { conversations: { info: async () => body } } as never;
    const roster = { ourselves: async () => ourselvesOf(US) };
    const facts = await createChannels({ client, turns, clock, roster })("C1");
    must(
      [facts.member, facts.externallyShared].every((is) => typeof is === "boolean"),
      () => JSON.stringify(facts),
    );
    taken(words(facts.join));
    return facts.member ? "member" : "no member";
  },
};
