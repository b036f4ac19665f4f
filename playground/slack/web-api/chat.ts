import { z } from "zod";
import { messageJson } from "../people.ts";
import { SlackRefusal } from "../refusal.ts";
import type { Message } from "../state.ts";
import { checkContent, checkMetadata } from "../validate/message.ts";
import { BOT } from "../workspace-seed.ts";
import type { World } from "../world.ts";
import { flag, json, type Method, method, visibleChannel, writableChannel } from "./method.ts";

// Slack truncates a posted text at 40,000 characters and refuses an updated one over 4,000.
const POST_TEXT = 40_000;
const UPDATE_TEXT = 4_000;

const content = {
  channel: z.string(),
  text: z.string().optional(),
  blocks: json("invalid_blocks_format").optional(),
};

/** The root of the thread that a message goes to. Throws unless it is there and is a root. */
export const threadRoot = (world: World, channel: string, threadTs: string | undefined): string | null => {
  if (threadTs === undefined || threadTs === "") return null;
  const root = world.state.find(channel, threadTs);
  if (root === undefined || root.ephemeralTo !== null) throw new SlackRefusal("thread_not_found");
  if (root.threadTs !== null) throw new SlackRefusal("cannot_reply_to_message");
  return root.ts;
};

const ownMessage = (world: World, channel: string, ts: string, refusal: string): Message => {
  const message = world.state.find(visibleChannel(world, channel).id, ts);
  if (message === undefined || message.ephemeralTo !== null) throw new SlackRefusal("message_not_found");
  if (message.user !== BOT) throw new SlackRefusal(refusal);
  return message;
};

const postMessage = method({
  scopes: ["chat:write"],
  tier: "special",
  args: z.looseObject({
    ...content,
    thread_ts: z.string().optional(),
    reply_broadcast: flag,
    metadata: json("invalid_metadata_format").optional(),
  }),
  run(args, world) {
    const channel = writableChannel(world, args.channel);
    const said = checkContent(args, POST_TEXT, world.state.unknownBlocks);
    const message = world.state.post({
      ...said,
      channel: channel.id,
      user: BOT,
      threadTs: threadRoot(world, channel.id, args.thread_ts),
      broadcast: args.reply_broadcast,
      metadata: args.metadata === undefined ? null : checkMetadata(args.metadata),
    });
    return { channel: channel.id, ts: message.ts, message: messageJson(world.state, message) };
  },
});

const update = method({
  scopes: ["chat:write"],
  tier: "tier3",
  args: z.looseObject({
    ...content,
    ts: z.string(),
    metadata: json("invalid_metadata_format").optional(),
  }),
  run(args, world) {
    const message = ownMessage(world, args.channel, args.ts, "cant_update_message");
    // without blocks the old ones go: slack.md A.7
    const said = checkContent(args, UPDATE_TEXT, world.state.unknownBlocks);
    if (args.metadata !== undefined) message.metadata = checkMetadata(args.metadata);
    world.state.edit(message, said);
    return {
      channel: args.channel,
      ts: message.ts,
      text: message.text,
      message: messageJson(world.state, message),
    };
  },
});

const postEphemeral = method({
  scopes: ["chat:write"],
  tier: "tier4",
  args: z.looseObject({ ...content, user: z.string(), thread_ts: z.string().optional() }),
  run(args, world) {
    const channel = writableChannel(world, args.channel);
    if (!world.state.users.has(args.user)) throw new SlackRefusal("user_not_found");
    if (!channel.members.includes(args.user)) throw new SlackRefusal("user_not_in_channel");
    const said = checkContent(args, POST_TEXT, world.state.unknownBlocks);
    const message = world.state.post({
      ...said,
      channel: channel.id,
      user: BOT,
      ephemeralTo: args.user,
      threadTs: threadRoot(world, channel.id, args.thread_ts),
    });
    return { message_ts: message.ts };
  },
});

const remove = method({
  scopes: ["chat:write"],
  tier: "tier3",
  args: z.looseObject({ channel: z.string(), ts: z.string() }),
  run(args, world) {
    world.state.remove(ownMessage(world, args.channel, args.ts, "cant_delete_message"));
    return { channel: args.channel, ts: args.ts };
  },
});

const getPermalink = method({
  tier: "special",
  args: z.looseObject({ channel: z.string(), message_ts: z.string() }),
  run(args, world) {
    const channel = visibleChannel(world, args.channel);
    const message = world.state.find(channel.id, args.message_ts);
    if (message === undefined || message.ephemeralTo !== null) throw new SlackRefusal("message_not_found");
    const thread = message.threadTs === null ? "" : `?thread_ts=${message.threadTs}&cid=${channel.id}`;
    const permalink = `${world.url}/archives/${channel.id}/p${message.ts.replace(".", "")}${thread}`;
    return { channel: channel.id, permalink };
  },
});

const addReaction = method({
  scopes: ["reactions:write"],
  tier: "tier3",
  args: z.looseObject({ channel: z.string(), timestamp: z.string(), name: z.string().regex(/^[\w+-]+$/) }),
  run(args, world) {
    const message = world.state.find(visibleChannel(world, args.channel).id, args.timestamp);
    if (message === undefined || message.ephemeralTo !== null) throw new SlackRefusal("message_not_found");
    const known = message.reactions.find((reaction) => reaction.name === args.name);
    if (known?.users.includes(BOT) === true) throw new SlackRefusal("already_reacted");
    if (known === undefined) message.reactions.push({ name: args.name, users: [BOT] });
    else known.users.push(BOT);
    world.state.changed();
    return {};
  },
});

/** Messages: posting, changing, taking back, pointing at. */
export const chatMethods: Record<string, Method> = {
  "chat.postMessage": postMessage,
  "chat.update": update,
  "chat.postEphemeral": postEphemeral,
  "chat.delete": remove,
  "chat.getPermalink": getPermalink,
  "reactions.add": addReaction,
};
