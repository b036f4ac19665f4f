import type { Inbox } from "../../../src/requests/ports/inbox.ts";
import { parse } from "../../../src/command/parse.ts";
import { parseArgs } from "../../../src/command/validate.ts";
import { operations } from "../../../src/operations/index.ts";
import { actionIds, decisionButtonValue, offerActionId } from "../../../src/slack/action.ts";
import { carried } from "../../../src/slack/deny.ts";
import { createListeners } from "../../../src/slack/listeners.ts";
import { slackSample } from "../../samples/samples.ts";
import type { Random } from "../../simulate/random.ts";
import { aGlassRecord, aRecord, view } from "../../slack/a-record.ts";
import { jsonText, mutated } from "../mutate.ts";
import { alteredText, nastyText } from "../nasty.ts";
import { Broken, must, refused, type Subject, subject, understood } from "../subject.ts";
import { fit, taken, takenModal } from "../words.ts";

const KINDS = ["command", "press", "submit", "mention"] as const;
type Kind = (typeof KINDS)[number];
interface Delivered {
  kind: Kind;
  body: unknown;
}

const NOW = 1_790_000_000_000;
const BOT = "U0BOT00001";
const user = { id: "U0ANA00001", username: "ana", name: "ana", team_id: "T0HOME0001" };
const team = { id: "T0HOME0001", domain: "acme" };
const REQUEST = "r".repeat(32);
const TEXTS = ["list", "stop orders --drain", "scale orders 8", "status prod/orders", "help", ""];

const SAMPLES: Readonly<Record<Kind, string>> = {
  command: "SlashCommandPayload",
  press: "BlockActionPayload",
  submit: "ViewSubmissionPayload",
  mention: "AppMentionPayload",
};

/** Slack takes no longer value of a button. */
const LONGEST = 2_000;

/** What a button or a form carries, as flinkops writes it, or after somebody has changed it. */
function carriedText(text: string, random: Random): string {
  if (random.happens(0.6)) return text;
  const changed = random.happens(0.7)
    ? jsonText(mutated(JSON.parse(text), random), random)
    : alteredText(text, random);
  return changed.length > LONGEST ? text : changed;
}

function pressed(random: Random): object {
  const isOffer = random.happens(0.45);
  const action_id = isOffer ? offerActionId(random.whole(0, 9)) : random.pick(Object.values(actionIds));
  const { operation, args } = random.pick([
    { operation: "stop", args: { job: "prod/orders", drain: true } },
    { operation: "scale", args: { job: "orders", parallelism: 8, vertex: ["a b"] } },
    { operation: "list", args: {} },
    { operation: "run", args: { job: "orders", from: "last", arg: ["--x", "1"] } },
  ]);
  const value = isOffer
    ? JSON.stringify({ v: 1, d: view.deployment, o: operation, a: args })
    : decisionButtonValue(view.deployment, REQUEST, "d1");
  const ts = "1789999999.000100";
  return {
    type: "block_actions",
    user,
    team,
    enterprise: null,
    channel: { id: "C0FLINKOPS", name: "flink-ops" },
    message: { ts, thread_ts: "1789999990.000100", type: "message" },
    container: { type: "message", message_ts: ts, channel_id: "C0FLINKOPS" },
    trigger_id: "1.2.3",
    response_url: "https://hooks.slack.com/actions/T/1/x",
    actions: [{ action_id, block_id: "b", type: "button", value: carriedText(value, random), action_ts: ts }],
  };
}

function submitted(random: Random): object {
  const card = { channel: "C0FLINKOPS", ts: "1789999999.000100" };
  const from = { requestId: REQUEST, digest: "d1", card, thread: random.pick([null, "1.2"]) };
  const text = () => (random.happens(0.5) ? "not now, the night run" : nastyText(random));
  const values = random.pick<() => object>([
    () => ({ reason: { reason: { type: "plain_text_input", value: random.pick([null, text()]) } } }),
    () => ({
      justified: {
        justified: { type: "static_select", selected_option: { value: random.pick(["yes", "no", "x"]) } },
      },
      reason: { reason: { value: text() } },
    }),
    () => ({
      parallelism: { parallelism: { value: random.pick(["8", "-1", "", text()]) } },
      vertex: { vertex: { value: text() } },
    }),
  ])();
  return {
    type: "view_submission",
    user,
    team,
    view: {
      id: "V1",
      callback_id: random.pick([actionIds.deny, actionIds.suggest, actionIds.review]),
      private_metadata: carriedText(carried(from, view.deployment), random),
      state: { values },
    },
  };
}

const MAKE: Readonly<Record<Kind, (random: Random) => object>> = {
  command: (random) => ({
    command: "/flink",
    text: random.happens(0.6) ? random.pick(TEXTS) : nastyText(random),
    user_id: user.id,
    team_id: team.id,
    channel_id: "C0FLINKOPS",
    trigger_id: "1.2.3",
    response_url: "https://hooks.slack.com/commands/T/1/x",
  }),
  press: pressed,
  submit: submitted,
  mention: (random) => ({
    type: "event_callback",
    team_id: team.id,
    event_id: "Ev1",
    event: {
      type: "app_mention",
      user: user.id,
      text:
        random.pick([`<@${BOT}> `, `hey <@${BOT}|flinkops> `, ""]) +
        (random.happens(0.6) ? random.pick(TEXTS) : nastyText(random)),
      ts: random.pick(["1789999999.000100", "1789999999.000100", "1.5"]),
      channel: "C0FLINKOPS",
    },
  }),
};

/** The product's side, so that a test can break it. */
const product = { createListeners };

/** What Slack delivers: slash commands, buttons, forms, mentions. */
export const slack = (door: typeof product = product): Subject =>
  subject({
    name: "slack",
    make(random): Delivered {
      const kind = random.pick(KINDS);
      // every key that Slack sends is in the sample; most of them are of no interest
      const rest = random.happens(0.2) ? slackSample(SAMPLES[kind]) : {};
      const body = { ...rest, ...MAKE[kind](random) };
      return { kind, body: random.happens(0.7) ? mutated(body, random, { shapes: 0.5, most: 2 }) : body };
    },
    async judge({ kind, body }) {
      const seen = new Door();
      const listeners = door.createListeners({
        inbox: seen.inbox,
        tell: async (to, message) => {
          seen.check(() => {
            must(
              typeof to.place.channel === "string" && typeof to.actor.user === "string",
              () => "nobody is told",
            );
            taken(message);
          });
        },
        openModal: async (trigger, modal) => {
          seen.check(() => {
            must(typeof trigger === "string", () => "a modal without its trigger");
            takenModal(modal);
          });
        },
        installation: view,
        botUser: () => BOT,
        mentionMaxAgeMs: 300_000,
        log: seen.log,
        now: () => NOW,
      });
      const acks: unknown[] = [];
      const ack = async (response?: unknown): Promise<void> => void acks.push(response);
      await listeners[kind](body, ack);
      must(acks.length === 1, () => `acked ${acks.length} times`);
      judgeAck(acks[0]);
      if (seen.broken !== null) throw seen.broken;
      return seen.came === null
        ? refused(`${kind} ${seen.warned ?? ""}`)
        : understood(`${kind} ${seen.came}`);
    },
  });

/** An ack carries a message, what is wrong with fields, or nothing. */
function judgeAck(response: unknown): void {
  if (typeof response !== "object" || response === null) return;
  if ("errors" in response && typeof response.errors === "object") {
    const errors = Object.entries(response.errors ?? {});
    must(errors.length > 0, () => "a form stays open without a word");
    for (const [field, words] of errors) {
      must(field !== "", () => "a problem of no field");
      fit(String(words), { most: 500, echo: true });
    }
  } else if ("text" in response && "blocks" in response)
    taken({ text: String(response.text), blocks: response.blocks as never });
  else throw new Broken(`acked with ${JSON.stringify(response)}`);
}

/** What is behind the listeners: an inbox that decides by the words, and a log that no error may reach. */
class Door {
  came: string | null = null;
  warned: string | null = null;
  broken: unknown = null;

  check(held: () => void): void {
    try {
      held();
    } catch (error) {
      this.broken ??= error;
    }
  }

  readonly log = {
    debug: () => undefined,
    info: () => undefined,
    warn: (_fields: object, message: string) => {
      this.warned ??= message;
    },
    error: (fields: object, message: string) => {
      this.broken ??= "err" in fields ? fields.err : new Broken(message);
    },
  };

  /** Whoever and whatever reaches the inbox is text. */
  #came(what: string, texts: Readonly<Record<string, unknown>>): void {
    this.came = what;
    this.check(() => {
      for (const [name, text] of Object.entries(texts))
        must(typeof text === "string", () => `${name} of ${what} is ${JSON.stringify(text)}`);
    });
  }

  readonly inbox: Inbox = {
    say: async ({ text, actor, place, source, responseUrl }) => {
      this.#came("say", { text, ...actor, channel: place.channel, source, responseUrl: responseUrl ?? "" });
      const read = parse(text, operations);
      if (read.is === "problem") return { is: "no", what: read.refusal };
      if (read.operation.kind !== "local")
        return { is: "accepted", requestId: REQUEST, tell: `${read.operation.name}.` };
      return { is: "later", answer: async () => ({ refuse: text.trim() === "" ? "–" : text }) };
    },
    press: async ({ operation, args, actor, place, source }) => {
      this.#came("press", { operation, ...actor, channel: place.channel, source });
      const asked = operations.find((o) => o.name === operation);
      if (asked === undefined) return { is: "no", what: { refuse: [{ code: operation }, " is unknown."] } };
      const read = parseArgs(asked, args);
      return read.is === "problem"
        ? { is: "no", what: read.refusal }
        : { is: "accepted", requestId: REQUEST };
    },
    click: async ({ requestId, digest, actor, kind, card }) => {
      this.#came(kind, { requestId, digest, ...actor, channel: card?.channel, ts: card?.ts });
      return { is: "not counted", tell: [{ code: requestId }] };
    },
    denial: async ({ requestId, digest, actor, card }) => {
      this.#came("denial", { requestId, digest, ...actor, channel: card?.channel, ts: card?.ts });
      return aRecord({ id: requestId });
    },
    foreign: async ({ actor, channel, rule }) => {
      this.warned ??= rule;
      this.check(() =>
        must(
          typeof actor.user === "string" && (channel === null || typeof channel === "string"),
          () => "nobody",
        ),
      );
    },
    suggesting: {
      open: async ({ requestId, actor }) => {
        this.#came("suggesting", { requestId, ...actor });
        const fields = [
          { key: "parallelism", label: "parallelism", hint: "", required: true, choices: [], value: "4" },
        ];
        return { record: aRecord({ id: requestId }), fields };
      },
      problem: async ({ requestId, actor, values, digest }) => {
        this.#came("suggested", { requestId, ...actor, digest, ...values });
        const [field] = Object.keys(values);
        return field === undefined || field === "" || values[field] === "8"
          ? null
          : { field, words: "must be 8" };
      },
      make: async () => ({ is: "counted", tell: "Suggested." }),
    },
    reviewing: {
      open: async ({ requestId, actor }) => {
        this.#came("reviewing", { requestId, ...actor });
        return aGlassRecord({ id: requestId });
      },
      make: async ({ requestId, actor, why }) => {
        this.#came("reviewed", { requestId, ...actor, why });
        return { is: "counted", tell: why };
      },
    },
    details: async ({ requestId, actor, place }) => {
      this.#came("details", { requestId, ...actor, channel: place.channel });
      return aRecord({ id: requestId });
    },
  };
}
