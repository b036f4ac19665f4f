import { randomUUID } from "node:crypto";
import { code, type Text, t } from "../model/text.ts";
import type { Answer, Inbox } from "../requests/ports/inbox.ts";
import type { Recipient } from "../requests/ports/conversation.ts";
import { type Action, actionIds, parseAction } from "./action.ts";
import { answer, words } from "./answer-message.ts";
import type { Message, MessageBlock } from "./blocks.ts";
import type { CardView } from "./card.ts";
import { denyModal, readDenial, readReason, REASON } from "./deny.ts";
import { detailsModal, type Modal } from "./details.ts";
import { type FieldErrors, notOpened, OTHER_FORM, wrongField } from "./forms.ts";
import type { Log } from "./log.ts";
import type { Installation } from "./offers.ts";
import { type ButtonPress, readCommand, readMention, readPress, readSubmission } from "./payload.ts";
import { reviewModal } from "./review.ts";
import { createSubmissions } from "./submissions.ts";
import { suggestModal } from "./suggest.ts";
import type { SendEphemeral } from "./ephemeral.ts";

export interface EphemeralAck {
  response_type: "ephemeral";
  text: string;
  blocks: MessageBlock[];
}

export interface ListenerOptions {
  inbox: Inbox;
  tell: SendEphemeral;
  /** Opens a modal; Slack accepts a trigger for 3 s. Throws SlackUnavailable, SlackRefused. */
  openModal(triggerId: string, modal: Modal): Promise<void>;
  installation: Installation & Pick<CardView, "labelOf">;
  /** The id of the bot's own user. */
  botUser(): string;
  /** Older mentions are not acted on, because Slack may deliver one an hour late. Ms. */
  mentionMaxAgeMs: number;
  log: Log;
  /** Ms since the epoch. */
  now(): number;
}

/** Called by Bolt. Each returns after its last message; `ack` is called as early as its promise allows. */
export interface Listeners {
  command(body: unknown, ack: (response?: EphemeralAck) => Promise<void>): Promise<void>;
  press(body: unknown, ack: () => Promise<void>): Promise<void>;
  submit(body: unknown, ack: (response?: FieldErrors) => Promise<void>): Promise<void>;
  mention(body: unknown, ack: () => Promise<void>): Promise<void>;
}

type Decision = Extract<Action, { is: "decision" }>;

const ephemeral = ({ text, blocks }: Message): EphemeralAck => ({
  response_type: "ephemeral",
  text,
  blocks,
});

export function createListeners(options: ListenerOptions): Listeners {
  const { inbox, tell, installation, log } = options;

  /** The only error boundary: logs any error under a reference, and tells the person that reference. */
  const guarded = async (
    run: () => Promise<void>,
    say: (message: Message) => Promise<void>,
  ): Promise<void> => {
    try {
      await run();
    } catch (error) {
      const reference = randomUUID().slice(0, 8);
      log.error({ reference, err: error }, "internal error");
      await say(words(wentWrong(reference))).catch((second: unknown) =>
        log.warn({ reference, err: second }, "could not report an internal error"),
      );
    }
  };

  const submitted = createSubmissions({ inbox, tell, guarded });

  /** Sends the answer that follows the ack. */
  const tellAnswer = async (got: Answer, to: Recipient): Promise<void> => {
    if (got.is === "accepted") {
      if (got.tell !== undefined) await tell(to, words(got.tell));
      return;
    }
    const what = got.is === "no" ? got.what : await got.answer();
    if (what !== null) await tell(to, answer(what, installation));
  };

  const open = async (
    press: ButtonPress,
    modal: Modal,
    { label, requestId }: { label: string; requestId: string },
  ): Promise<void> =>
    await options.openModal(press.triggerId, modal).catch(async (error: unknown) => {
      log.warn({ requestId, label, err: error }, "modal cannot be opened");
      await tell(press, words(notOpened(label)));
    });

  const showDetails = async (press: ButtonPress, requestId: string): Promise<void> => {
    const { actor, place } = press;
    const found = await inbox.details({ requestId, actor, place });
    if ("refuse" in found) await tell(press, words(found.refuse));
    else await open(press, detailsModal(found, installation), { label: "Details", requestId });
  };

  /** Asks why a request is denied. The denial is a click of its own, once the form is submitted. */
  const askWhy = async (press: ButtonPress, { requestId, digest }: Decision): Promise<void> => {
    const { actor, card, place } = press;
    const found = await inbox.denial({ requestId, digest, actor, card });
    if ("refuse" in found) return await tell(press, words(found.refuse));
    const denial = { requestId, digest, card, thread: place.thread };
    await open(press, denyModal(found, denial, installation), { label: "Deny", requestId });
  };

  const decide = async (press: ButtonPress, action: Decision): Promise<void> => {
    const { requestId, kind, digest } = action;
    if (kind === "deny") return await askWhy(press, action);
    const clicked = await inbox.click({ requestId, kind, digest, actor: press.actor, card: press.card });
    if (clicked.tell !== undefined) await tell(press, words(clicked.tell));
  };

  /** Asks what an approver suggests instead. */
  const askWhat = async (press: ButtonPress, { requestId, digest }: Extract<Action, { is: "suggest" }>) => {
    const { actor, card, place } = press;
    const found = await inbox.suggesting.open({ requestId, digest, actor, card });
    if ("refuse" in found) return await tell(press, words(found.refuse));
    const from = { requestId, digest, card, thread: place.thread };
    await open(press, suggestModal(found, from, installation), { label: "Suggest a change", requestId });
  };

  const askForReview = async (press: ButtonPress, requestId: string): Promise<void> => {
    const { actor, card, place } = press;
    const found = await inbox.reviewing.open({ requestId, actor, card });
    if ("refuse" in found) return await tell(press, words(found.refuse));
    const from = { requestId, digest: "", card, thread: place.thread };
    await open(press, reviewModal(found, from, installation), { label: "Review", requestId });
  };

  /** Starts what a button offers. Slack has its ack once the request is accepted. */
  const start = async (
    press: ButtonPress,
    { operation, args }: Extract<Action, { is: "offer" }>,
    ack: () => Promise<void>,
  ): Promise<void> => {
    const { actor, place, responseUrl, at } = press;
    const source = `${actor.team}:${press.triggerId}`;
    const got = await inbox.press({ operation, args, actor, place, source, responseUrl, at });
    await ack();
    await tellAnswer(got, press);
  };

  return {
    async command(body, ack) {
      const once = onlyOnce(ack);
      const to = readCommand(body);
      if (to === null) {
        log.warn({}, "a command that cannot be read");
        await once.ack(ephemeral(words(UNREADABLE)));
        return;
      }
      const { actor, place, text, triggerId, responseUrl } = to;
      await guarded(
        async () => {
          const source = `${actor.team}:${triggerId}`;
          const got = await inbox.say({ text, actor, place, source, responseUrl, at: options.now() });
          await once.ack(got.is === "no" ? ephemeral(answer(got.what, installation)) : undefined);
          if (got.is !== "no") await tellAnswer(got, to);
        },
        async (message) => {
          if (once.acked()) await tell(to, message);
          else await once.ack(ephemeral(message));
        },
      );
    },

    async press(body, ack) {
      const once = onlyOnce(ack);
      const press = readPress(body, options.now());
      if (press === null) {
        log.warn({}, "a click without a message");
        await once.ack();
        return;
      }
      await guarded(
        async () => {
          const action = parseAction(press.actionId, press.value, installation.deployment);
          if (action.is === "offer") return await start(press, action, once.ack);
          await once.ack();
          if (action.is === "details") await showDetails(press, action.requestId);
          else if (action.is === "suggest") await askWhat(press, action);
          else if (action.is === "review") await askForReview(press, action.requestId);
          else if (action.is === "decision") await decide(press, action);
          else {
            const { actor, place } = press;
            await inbox.foreign({ actor, channel: place.channel, kind: "button", rule: action.rule });
            await tell(press, words(action.words));
          }
        },
        async (message) => {
          await once.ack();
          await tell(press, message);
        },
      );
    },

    async submit(body, ack) {
      const once = onlyOnce(ack);
      const form = readSubmission(body);
      const from = form === null ? null : readDenial(form.carried, installation.deployment);
      if (form === null || from === null) {
        log.warn({}, "a form that cannot be read");
        const [field] = form?.form === actionIds.suggest ? Object.keys(form.values) : [];
        await once.ack(wrongField(OTHER_FORM, field));
        if (form !== null)
          await inbox.foreign({ actor: form.actor, channel: null, kind: "form", rule: "other_form" });
        return;
      }
      if (form.form === actionIds.suggest) return await submitted.suggestion(form, from, once.ack);
      if (form.form === actionIds.review) return await submitted.review(form, from, once.ack);
      const reason = readReason(form.typed(REASON));
      if ("problem" in reason) return await once.ack(wrongField(reason.problem));
      const { requestId, digest, card, thread } = from;
      const { actor } = form;
      const to: Recipient = {
        actor,
        place: { channel: card.channel, thread, door: "button" },
        responseUrl: null,
      };
      await guarded(
        async () => {
          await once.ack();
          const why = reason.text === null ? {} : { reason: reason.text };
          const clicked = await inbox.click({ requestId, kind: "deny", digest, actor, card, ...why });
          if (clicked.is === "not counted") await tell(to, words(clicked.tell));
        },
        async (message) => await tell(to, message),
      );
    },

    async mention(body, ack) {
      const once = onlyOnce(ack);
      const mention = readMention(body, options.botUser(), options.now());
      if (mention === null) {
        await once.ack();
        return;
      }
      const { actor, place, text, eventId, at } = mention;
      const to = { actor, place, responseUrl: null };
      await guarded(
        async () => {
          if (options.now() - at > options.mentionMaxAgeMs) {
            await once.ack();
            await tell(to, words(tooLate(text, options.mentionMaxAgeMs)));
            return;
          }
          const got = await inbox.say({ text, actor, place, source: eventId, responseUrl: null, at });
          // only now: Slack redelivers an event without an ack, under the same id
          await once.ack();
          await tellAnswer(got, to);
        },
        async (message) => {
          await once.ack();
          await tell(to, message);
        },
      );
    },
  };
}

function onlyOnce<T extends unknown[]>(ack: (...response: T) => Promise<void>) {
  let done = false;
  return {
    acked: () => done,
    ack: async (...response: T): Promise<void> => {
      if (done) return;
      done = true;
      await ack(...response);
    },
  };
}

const wentWrong = (reference: string): Text =>
  t`flinkops failed with an internal error. It is not certain whether your request was accepted: check ${code("requests")} before you try again. Reference for the log: ${code(reference)}.`;

const UNREADABLE: Text =
  "Slack delivered this command in a form that flinkops cannot read. Nothing was done. Type it again.";

const tooLate = (text: string, maxAgeMs: number): Text =>
  t`This mention reached flinkops more than ${String(Math.round(maxAgeMs / 60_000))} minutes after it was written, so nothing was done. If you still need it, send it again: ${code(text.slice(0, 500))}`;
