import type { Delivered } from "./dispatch.ts";
import { newResponseUrl, showAnswer } from "./responses.ts";
import { SlackRefusal } from "./refusal.ts";
import type { JsonObject, Message } from "./state.ts";
import { wireText } from "./wire-text.ts";
import { APP_ID, BOT, type Channel, SLACKBOT, type Team, type User } from "./workspace-seed.ts";
import type { World } from "./world.ts";

/** A person writes into a channel or a thread. */
export interface Typing {
  user: string;
  channel: string;
  text: string;
  threadTs?: string | undefined;
  /** A mention written this long ago whose event arrives only now. */
  ageMs?: number | undefined;
}

/** What came of it at once. */
export interface Typed {
  kind: "command" | "message" | "refused";
  /** The ack's own answer, or Slack's words where it refused: seen by this person only. */
  reply: string | null;
  /** `operation_timeout` when no ack came in time, `dispatch_failed` when nobody took the command. */
  error: string | null;
  ackMs: number | null;
  triggerId: string | null;
  eventId: string | null;
  /** The message's own timestamp; a command leaves no message. */
  ts: string | null;
  /** The delivery, for `redeliver`; of a mention it appears a moment later. */
  delivery: number | null;
}

/** A person cannot do that in the client at all; a mistake of the test. */
export class NotPossible extends Error {}

/** The person and the channel, if that person can be in it. */
export const presence = (world: World, user: string, channel: string): { person: User; place: Channel } => {
  const person = world.state.users.get(user);
  if (person !== undefined && channel === `D${user.slice(1)}`) world.state.directChannel(user);
  const place = world.state.channels.get(channel);
  if (person === undefined) throw new NotPossible(`no user ${user}`);
  if (person.deleted) throw new NotPossible(`${person.name} is deactivated and cannot sign in`);
  if (place === undefined) throw new NotPossible(`no channel ${channel}`);
  if (!place.members.includes(user)) throw new NotPossible(`${person.name} is not in #${place.name}`);
  return { person, place };
};

const nothing: Typed = {
  kind: "refused",
  reply: null,
  error: null,
  ackMs: null,
  triggerId: null,
  eventId: null,
  ts: null,
  delivery: null,
};

/** Something that Slack itself tells one person. */
const slackSays = (world: World, typing: Typing, text: string): string => {
  world.state.post({
    channel: typing.channel,
    user: SLACKBOT,
    text,
    ephemeralTo: typing.user,
    threadTs: typing.threadTs ?? null,
  });
  return text;
};

const failureWords = (command: string, error: string): string =>
  error === "operation_timeout"
    ? `${command} failed because the app did not respond`
    : `${command} failed with the error "${error}"`;

const showAck = (world: World, typing: Typing, payload: JsonObject | null): string | null => {
  if (payload === null) return null;
  showAnswer(world, { channel: typing.channel, user: typing.user, original: null }, payload);
  return typeof payload["text"] === "string" ? payload["text"] : null;
};

/** Outside Enterprise Grid, Slack sends neither of the two. */
const ofEnterprise = ({ enterprise }: Team): JsonObject =>
  enterprise === null ? {} : { enterprise_id: enterprise.id, enterprise_name: enterprise.name };

const runCommand = async (world: World, typing: Typing, command: string, rest: string): Promise<Typed> => {
  const { person, place } = presence(world, typing.user, typing.channel);
  const known = world.manifest.commands.find((row) => row.command === command);
  // https://docs.slack.dev/enterprise/developing-for-enterprise-orgs: for members of the workspace of the installation only
  if (known === undefined || !world.state.isOfHome(person)) {
    const reply = `${command} is not a valid command. In Slack, all messages that start with the "/" character are interpreted as commands.`;
    return { ...nothing, reply: slackSays(world, typing, reply) };
  }
  if (typing.threadTs !== undefined) {
    return { ...nothing, reply: slackSays(world, typing, `${command} is not supported in threads. Sorry!`) };
  }
  const triggerId = world.state.newTrigger(person.id);
  const answer: Delivered = await world.dispatch.send({
    kind: "slash_commands",
    payload: {
      token: "playground-verification-token",
      team_id: world.state.home.id,
      team_domain: world.state.home.domain,
      ...ofEnterprise(world.state.home),
      channel_id: place.id,
      channel_name: place.kind === "im" ? "directmessage" : place.name,
      user_id: person.id,
      user_name: person.name,
      command,
      text: known.shouldEscape ? wireText(world.state, rest, "command") : rest,
      api_app_id: APP_ID,
      is_enterprise_install: String(world.state.isOrgWide),
      response_url: newResponseUrl(world, place.id, person.id, null),
      trigger_id: triggerId,
    },
  });
  const typed: Typed = { ...nothing, kind: "command", triggerId, ackMs: answer.ms, delivery: answer.record };
  if (answer.kind === "failed") {
    const reply = slackSays(world, typing, failureWords(command, answer.error));
    return { ...typed, error: answer.error, ackMs: null, reply };
  }
  try {
    return { ...typed, reply: showAck(world, typing, answer.payload) };
  } catch (error) {
    if (!(error instanceof SlackRefusal)) throw error;
    const reply = slackSays(world, typing, failureWords(command, "invalid_command_response"));
    return { ...typed, error: `invalid_command_response: ${error.code}`, reply };
  }
};

/** The envelope of an event: https://docs.slack.dev/apis/events-api/#callback-field */
export const eventPayload = (
  world: World,
  event: JsonObject,
  place: Channel | null,
  at: number,
): JsonObject => ({
  token: "playground-verification-token",
  team_id: world.state.home.id,
  api_app_id: APP_ID,
  event,
  type: "event_callback",
  event_id: world.state.newId("Ev"),
  event_time: Math.floor(at / 1000),
  authorizations: [
    {
      enterprise_id: world.state.home.enterprise?.id ?? null,
      team_id: world.state.isOrgWide ? null : world.state.home.id,
      user_id: BOT,
      is_bot: true,
      is_enterprise_install: world.state.isOrgWide,
    },
  ],
  is_ext_shared_channel: place?.isExtShared ?? false,
  event_context: crypto.randomUUID(),
});

const messageEvent = (
  world: World,
  type: string,
  message: Message,
  person: User,
  place: Channel,
): JsonObject => ({
  type,
  user: person.id,
  text: message.text,
  ts: message.ts,
  event_ts: message.ts,
  channel: place.id,
  team: person.teamId ?? world.state.home.id,
  client_msg_id: crypto.randomUUID(),
  ...(message.threadTs === null ? {} : { thread_ts: message.threadTs }),
  ...(person.teamId === null || person.teamId === world.state.home.id
    ? {}
    : { user_team: person.teamId, source_team: person.teamId }),
  ...(place.kind === "im" ? { channel_type: "im" } : {}),
});

const say = (world: World, typing: Typing): Typed => {
  const { state } = world;
  const { person, place } = presence(world, typing.user, typing.channel);
  const root = typing.threadTs === undefined ? null : state.find(place.id, typing.threadTs);
  if (root === undefined) throw new NotPossible(`no message ${typing.threadTs} in #${place.name}`);
  const ageMs = typing.ageMs ?? 0;
  const at = Date.now() - ageMs;
  const message = state.post({
    channel: place.id,
    user: person.id,
    text: wireText(state, typing.text, "message"),
    threadTs: root?.threadTs ?? root?.ts ?? null,
    ts: state.nextTs(ageMs),
    at,
  });
  const typed: Typed = { ...nothing, kind: "message", ts: message.ts };
  const type = place.kind === "im" ? "message" : "app_mention";
  const heard = place.kind === "im" || message.text.includes(`<@${BOT}>`);
  if (!heard || !world.manifest.events.includes(type === "message" ? "message.im" : type)) return typed;
  if (!place.members.includes(BOT)) {
    const reply = slackSays(world, typing, `You mentioned <@${BOT}>, but they're not in this channel.`);
    return { ...typed, reply };
  }
  const payload = eventPayload(world, messageEvent(world, type, message, person, place), place, at);
  void world.dispatch.sendEvent(payload);
  return {
    ...typed,
    eventId: String(payload["event_id"]),
    delivery: world.dispatch.records.at(-1)?.id ?? null,
  };
};

/** Types a line: a slash command, a mention, or plain words. Throws `NotPossible` where the client would not let the person. */
export const type = async (world: World, typing: Typing): Promise<Typed> => {
  const command = /^(\/[\w-]+)(?:\s+([\s\S]*))?$/.exec(typing.text);
  if (command === null) return say(world, typing);
  return await runCommand(world, typing, command[1] ?? "", (command[2] ?? "").trim());
};
