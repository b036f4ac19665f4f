import { createServer } from "node:net";
import { encodeEnvelope, sign } from "../../playground/slack/delivery.ts";
import type { Envelope } from "../../playground/slack/dispatch.ts";
import { interactionBase } from "../../playground/slack/interactions.ts";
import { newResponseUrl } from "../../playground/slack/responses.ts";
import type { SlackStandIn } from "../../playground/slack/server.ts";
import type { JsonObject } from "../../playground/slack/state.ts";
import { eventPayload } from "../../playground/slack/typing.ts";
import { APP_ID, BOT, FLINK_OPS, type User } from "../../playground/slack/workspace-seed.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { plain, type Text } from "../../src/model/text.ts";
import type { Answer, Clicked, Inbox } from "../../src/requests/ports/inbox.ts";
import type { CardRef } from "../../src/requests/ports/conversation.ts";
import type { Actor } from "../../src/requests/record/record.ts";
import { createSlack, type SlackMode } from "../../src/slack/bolt.ts";
import { createRoster, type Roster } from "../../src/slack/roster.ts";
import { FakeAnswers } from "../fakes/answers.ts";
import { view } from "../slack/a-record.ts";
import { aWorkspace, noLimit } from "../slack/workspace.ts";
import { seedOfPeople } from "./people.ts";

export type Transport = "socket" | "http";
export const TRANSPORTS: readonly Transport[] = ["socket", "http"];
export const DEPLOYMENT = view.deployment;

/** What the inbox answered to one delivery: in words where it refused or told something. */
export interface Heard {
  is:
    | "accepted"
    | "later"
    | "answered"
    | "counted"
    | "not counted"
    | "form"
    | "shown"
    | "refused"
    | "nothing";
  words: string;
}

/** What came of one delivery: `told` are the words that the person reads, "" where there are none. */
export interface Delivered {
  heard: Heard;
  told: string;
}

/** The inbox of whoever acts now, and what it answered. */
class Desk implements Inbox {
  current: Inbox | null = null;
  heard: Heard = { is: "nothing", words: "" };
  readonly #underWay = new Set<Promise<unknown>>();

  /** Waits for what the listeners have begun. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }

  async #tracked<T>(call: (inbox: Inbox) => Promise<T>, heardOf: (answer: T) => Heard): Promise<T> {
    if (this.current === null) throw new Error("nobody acts now");
    const asked = call(this.current).then((answer) => {
      this.heard = heardOf(answer);
      return answer;
    });
    const one = asked.finally(() => this.#underWay.delete(one));
    this.#underWay.add(one);
    return await one;
  }

  readonly say: Inbox["say"] = async (said) => await this.#answer((inbox) => inbox.say(said));
  readonly press: Inbox["press"] = async (pressed) => await this.#answer((inbox) => inbox.press(pressed));
  readonly click: Inbox["click"] = async (click) =>
    await this.#tracked((inbox) => inbox.click(click), ofClick);
  readonly denial: Inbox["denial"] = async (asked) =>
    await this.#tracked((inbox) => inbox.denial(asked), ofForm);
  readonly details: Inbox["details"] = async (asked) =>
    await this.#tracked(
      (inbox) => inbox.details(asked),
      (found) => ("refuse" in found ? refused(found.refuse) : { is: "shown", words: "" }),
    );
  readonly foreign: Inbox["foreign"] = async (pressed) =>
    await this.#tracked(
      (inbox) => inbox.foreign(pressed),
      () => this.heard,
    );
  readonly reviewing: Inbox["reviewing"] = {
    open: async (pressed) => await this.#tracked((inbox) => inbox.reviewing.open(pressed), ofForm),
    make: async (reviewed) => await this.#tracked((inbox) => inbox.reviewing.make(reviewed), ofClick),
  };
  readonly suggesting: Inbox["suggesting"] = {
    open: async (pressed) => await this.#tracked((inbox) => inbox.suggesting.open(pressed), ofForm),
    problem: async (suggested) => (await this.current?.suggesting.problem(suggested)) ?? null,
    make: async (suggested) => await this.#tracked((inbox) => inbox.suggesting.make(suggested), ofClick),
  };

  async #answer(call: (inbox: Inbox) => Promise<Answer>): Promise<Answer> {
    const got = await this.#tracked(call, (answer) =>
      answer.is === "no"
        ? refused(answer.what.refuse)
        : { is: answer.is, words: answer.is === "accepted" ? plain(answer.tell ?? "") : "" },
    );
    if (got.is !== "later") return got;
    const answer = async () =>
      await this.#tracked(
        () => got.answer(),
        (what) =>
          what === null
            ? { is: "accepted", words: "" }
            : "refuse" in what
              ? refused(what.refuse)
              : { is: "answered", words: plain(what.headline) },
      );
    return { is: "later", answer };
  }
}

const refused = (why: Text): Heard => ({ is: "refused", words: plain(why) });
const ofClick = (clicked: Clicked): Heard => ({
  is: clicked.is,
  words: clicked.tell === undefined ? "" : plain(clicked.tell),
});
const ofForm = (found: { refuse: Text } | object): Heard =>
  "refuse" in found ? { is: "not counted", words: plain(found.refuse) } : { is: "form", words: "" };

/** The bot behind one transport, in a workspace with everybody in it. */
export interface Door {
  transport: Transport;
  slack: SlackStandIn;
  roster: Roster;
  answers: FakeAnswers;
  /** Delivers as Slack does, and waits until the inbox has answered. */
  deliver(inbox: Inbox, envelope: Envelope): Promise<Delivered>;
  /** Posts a body to the bot as somebody would who is not Slack; HTTP alone. Returns the status. */
  forge(inbox: Inbox, envelope: Envelope, signed: Signed): Promise<{ status: number; heard: Heard }>;
  close(): Promise<void>;
}

/** How a forged body is signed. Null: without a signature. */
export interface Signed {
  secret: string | null;
  /** How long ago, s. */
  ageS: number;
}

export async function openDoor(transport: Transport): Promise<Door> {
  const port = transport === "http" ? await freePort() : 0;
  const url = `http://127.0.0.1:${port}/slack/events`;
  const { slack, access } = await aWorkspace({
    seed: seedOfPeople(),
    ...(transport === "http" && { deliver: { http: url } }),
  });
  const answers = new FakeAnswers();
  const roster = createRoster({ ...access, answers, limiter: noLimit, clock: systemClock });
  const desk = new Desk();
  const mode: SlackMode =
    transport === "socket"
      ? { is: "socket", appToken: slack.appToken }
      : { is: "http", signingSecret: slack.signingSecret, port, host: "127.0.0.1" };
  const bot = createSlack({ ...access, ...view, mode, inbox: desk, limiter: noLimit });
  await bot.start();
  const begin = (inbox: Inbox): void => {
    desk.current = inbox;
    desk.heard = { is: "nothing", words: "" };
  };
  /** Waits until a listener is done, or for a moment where it has nothing to do. */
  const until = async (holds: () => boolean): Promise<void> => {
    for (const end = performance.now() + PATIENCE_MS; !holds() && performance.now() < end; )
      await new Promise((resolve) => setImmediate(resolve));
    await desk.settled();
  };
  return {
    transport,
    slack,
    roster,
    answers,
    async deliver(inbox, envelope) {
      begin(inbox);
      const { messages } = slack.world.state;
      const before = messages.length;
      const sent = await slack.world.dispatch.send(envelope);
      if (sent.kind === "failed") throw new Error(`not delivered: ${sent.error}`);
      const told = (): string => wordsOf(sent.payload) || (messages.slice(before).at(-1)?.text ?? "");
      await until(() => !["nothing", "later"].includes(desk.heard.is) || told() !== "");
      if (desk.heard.words !== "") await until(() => told() !== "");
      return { heard: desk.heard, told: told() };
    },
    async forge(inbox, envelope, { secret, ageS }) {
      begin(inbox);
      const { body, type } = encodeEnvelope(envelope);
      const at = Math.floor(Date.now() / 1000) - ageS;
      const signature =
        secret === null
          ? {}
          : { "x-slack-request-timestamp": String(at), "x-slack-signature": sign(secret, at, body) };
      const headers = { "content-type": type, ...signature };
      const { status } = await fetch(url, { method: "POST", headers, body });
      if (status === 200) await until(() => desk.heard.is !== "nothing");
      return { status, heard: desk.heard };
    },
    async close() {
      await bot.stop();
      await slack.close();
    },
  };
}

/** How long an answer may take, ms. */
const PATIENCE_MS = 2000;

/** The words of an ack: an answer, or what is wrong with a field. */
function wordsOf(ack: JsonObject | null): string {
  const { text, errors } = ack ?? {};
  if (typeof text === "string") return text;
  return typeof errors === "object" && errors !== null ? Object.values(errors).join(" ") : "";
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });

/** Envelopes as Slack sends them, also of people whose client could not. `team`: what the payload says of theirs. */
export class Envelopes {
  readonly #slack: SlackStandIn;

  constructor(slack: SlackStandIn) {
    this.#slack = slack;
  }

  command(by: Actor, text: string): Envelope {
    const { state } = this.#slack.world;
    return {
      kind: "slash_commands",
      payload: {
        team_id: by.team,
        channel_id: FLINK_OPS,
        channel_name: "flink-ops",
        user_id: by.user,
        user_name: by.user,
        command: "/flink",
        text,
        api_app_id: APP_ID,
        is_enterprise_install: "false",
        response_url: newResponseUrl(this.#slack.world, FLINK_OPS, by.user, null),
        trigger_id: state.newTrigger(by.user),
      },
    };
  }

  /** A mention of the bot, written so long ago, ms. */
  mention(by: Actor, text: string, ageMs = 0): Envelope {
    const { world } = this.#slack;
    const ts = world.state.nextTs(ageMs);
    const event = {
      type: "app_mention",
      user: by.user,
      team: by.team,
      text: `<@${BOT}> ${text}`,
      ts,
      event_ts: ts,
      channel: FLINK_OPS,
    };
    const place = world.state.channels.get(FLINK_OPS) ?? null;
    return { kind: "events_api", payload: eventPayload(world, event, place, Date.now() - ageMs) };
  }

  press(by: Actor, card: CardRef, action: { action_id: string; value: string }): Envelope {
    const { world } = this.#slack;
    return {
      kind: "interactive",
      payload: {
        type: "block_actions",
        ...this.#base(by),
        container: { type: "message", message_ts: card.ts, channel_id: card.channel, is_ephemeral: false },
        trigger_id: world.state.newTrigger(by.user),
        channel: { id: card.channel, name: "flink-ops" },
        message: { ts: card.ts },
        state: { values: {} },
        response_url: newResponseUrl(world, card.channel, by.user, card.ts),
        actions: [{ ...action, block_id: "b", type: "button", action_ts: world.state.nextTs() }],
      },
    };
  }

  submit(by: Actor, form: { callback_id: string; private_metadata: string; values: JsonObject }): Envelope {
    const { values, ...carried } = form;
    return {
      kind: "interactive",
      payload: {
        type: "view_submission",
        ...this.#base(by),
        trigger_id: this.#slack.world.state.newTrigger(by.user),
        view: { id: "V0FORM", type: "modal", ...carried, state: { values } },
      },
    };
  }

  #base(by: Actor): JsonObject {
    const { world } = this.#slack;
    const person = world.state.users.get(by.user) ?? NOBODY;
    return interactionBase(world, { ...person, teamId: by.team });
  }
}

const NOBODY: User = {
  id: "U0NOBODY01",
  teamId: null,
  grid: null,
  name: "nobody",
  realName: "",
  title: "",
  deleted: false,
  isBot: false,
  isRestricted: false,
};
