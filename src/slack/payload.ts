import { z } from "zod";
import type { CardRef } from "../requests/ports/conversation.ts";
import type { Actor, Place } from "../requests/record/record.ts";

/**
 * A message that starts a thread counts as outside it, so that its answers appear in the channel, where people look.
 */
const threadOf = (ts: string, thread: string | undefined): string | null =>
  thread === undefined || thread === ts ? null : thread;

/** `team` is null where an app is installed for a whole organization. */
const sender = {
  user: z.looseObject({ id: z.string(), team_id: z.string().nullish() }),
  team: z.looseObject({ id: z.string() }).nullish(),
  enterprise: z.looseObject({ id: z.string() }).nullish(),
};

/**
 * The person of an interaction. In a shared channel `team` may be the workspace in which the app is installed, so the
 * user's own comes first: a workspace, or on Enterprise Grid also the organization.
 */
const actorOf = ({ user, team, enterprise }: z.infer<z.ZodObject<typeof sender>>): Actor => ({
  user: user.id,
  team: user.team_id ?? team?.id ?? enterprise?.id ?? "",
});

const commandBody = z.looseObject({
  text: z.string().nullish(),
  user_id: z.string(),
  team_id: z.string().nullish(),
  enterprise_id: z.string().nullish(),
  channel_id: z.string(),
  trigger_id: z.string(),
  response_url: z.string().nullish(),
});

/** A slash command that somebody typed. */
export interface TypedCommand {
  actor: Actor;
  place: Place;
  text: string;
  triggerId: string;
  responseUrl: string | null;
}

/** Parses the payload of a slash command; null if it is none. */
export function readCommand(body: unknown): TypedCommand | null {
  const parsed = commandBody.safeParse(body);
  if (!parsed.success) return null;
  const { text, user_id, team_id, enterprise_id, channel_id, trigger_id, response_url } = parsed.data;
  return {
    actor: { user: user_id, team: team_id ?? enterprise_id ?? "" },
    place: { channel: channel_id, thread: null, door: "command" },
    text: text ?? "",
    triggerId: trigger_id,
    responseUrl: response_url ?? null,
  };
}

/** Slack's ids are short; a form that repeats them has room for no others. */
const id = z.string().max(200);

const clickBody = z.looseObject({
  ...sender,
  trigger_id: z.string(),
  response_url: z.string().optional(),
  channel: z.looseObject({ id }),
  message: z.looseObject({ ts: id, thread_ts: id.optional() }).optional(),
  container: z.looseObject({ message_ts: id.optional(), thread_ts: id.optional() }).optional(),
  actions: z
    .array(
      z.looseObject({
        action_id: z.string(),
        value: z.string().optional(),
        action_ts: z.string().optional(),
      }),
    )
    .min(1),
});

export interface ButtonPress {
  actor: Actor;
  place: Place;
  card: CardRef;
  actionId: string;
  value: string | undefined;
  triggerId: string;
  responseUrl: string | null;
  at: number;
}

/** Parses a `block_actions` payload; null if it has no channel or message, as from a modal. */
export function readPress(body: unknown, now: number): ButtonPress | null {
  const parsed = clickBody.safeParse(body);
  if (!parsed.success) return null;
  const { channel, message, container, actions, trigger_id, response_url } = parsed.data;
  const ts = message?.ts ?? container?.message_ts;
  const action = actions[0];
  if (ts === undefined || action === undefined) return null;
  const thread = threadOf(ts, message?.thread_ts ?? container?.thread_ts);
  return {
    actor: actorOf(parsed.data),
    place: { channel: channel.id, thread, door: "button" },
    card: { channel: channel.id, ts },
    actionId: action.action_id,
    value: action.value,
    triggerId: trigger_id,
    responseUrl: response_url ?? null,
    at: slackMs(action.action_ts, now),
  };
}

/** A text, or the option that was chosen. */
const field = z.looseObject({
  value: z.string().nullish(),
  selected_option: z.looseObject({ value: z.string() }).nullish(),
});
const submissionBody = z.looseObject({
  ...sender,
  view: z.looseObject({
    callback_id: z.string(),
    private_metadata: z.string(),
    state: z.looseObject({ values: z.record(z.string(), z.record(z.string(), field)) }),
  }),
});

/** A form that was submitted. */
export interface Submission {
  actor: Actor;
  /** Which form it is. */
  form: string;
  /** What the form carried. */
  carried: string;
  /** The text of a field whose block and action have this id; null: nothing was typed. */
  typed(field: string): string | null;
  /** By field, "" where nothing was typed or chosen. */
  values: { readonly [field: string]: string };
}

/** Parses a `view_submission` payload; null if it is none. */
export function readSubmission(body: unknown): Submission | null {
  const parsed = submissionBody.safeParse(body);
  if (!parsed.success) return null;
  const { view } = parsed.data;
  return {
    actor: actorOf(parsed.data),
    form: view.callback_id,
    carried: view.private_metadata,
    typed: (name) => view.state.values[name]?.[name]?.value ?? null,
    values: Object.fromEntries(
      Object.entries(view.state.values).map(([name, { [name]: one }]) => [
        name,
        one?.value ?? one?.selected_option?.value ?? "",
      ]),
    ),
  };
}

const mentionBody = z.looseObject({
  event_id: z.string(),
  team_id: z.string().nullish(),
  enterprise_id: z.string().nullish(),
  event: z.looseObject({
    type: z.literal("app_mention"),
    user: z.string().optional(),
    user_team: z.string().nullish(),
    team: z.string().nullish(),
    bot_id: z.string().optional(),
    subtype: z.string().optional(),
    edited: z.unknown().optional(),
    text: z.string(),
    channel: z.string(),
    ts: z.string(),
    thread_ts: z.string().optional(),
  }),
});

export interface Mention {
  actor: Actor;
  place: Place;
  text: string;
  eventId: string;
  at: number;
}

/** Parses an `app_mention`; null unless a person wrote it just now: no bots, edits or other subtypes. */
export function readMention(body: unknown, botUser: string, now: number): Mention | null {
  const parsed = mentionBody.safeParse(body);
  if (!parsed.success) return null;
  const { event, event_id, team_id, enterprise_id } = parsed.data;
  if (event.user === undefined || event.user === botUser) return null;
  if (event.bot_id !== undefined || event.subtype !== undefined || event.edited !== undefined) return null;
  return {
    actor: { user: event.user, team: event.user_team ?? event.team ?? team_id ?? enterprise_id ?? "" },
    place: { channel: event.channel, thread: threadOf(event.ts, event.thread_ts), door: "mention" },
    text: afterMention(event.text, botUser),
    eventId: event_id,
    at: slackMs(event.ts, now),
  };
}

/** "hey <@BOT> list" gives "list"; if the mention comes last, the text before it counts. */
export function afterMention(text: string, botUser: string): string {
  const mention = new RegExp(`<@${botUser}(\\|[^>]*)?>`, "u");
  const found = mention.exec(text);
  if (found === null) return text.trim();
  const after = text.slice(found.index + found[0].length).trim();
  return after === "" ? text.slice(0, found.index).trim() : after;
}

/** Slack's `1355517523.000005` as ms. */
function slackMs(ts: string | undefined, otherwise: number): number {
  const seconds = Number(ts ?? Number.NaN);
  return Number.isFinite(seconds) && seconds > 0 ? Math.round(seconds * 1000) : otherwise;
}
