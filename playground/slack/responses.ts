import { z } from "zod";
import { SlackRefusal } from "./refusal.ts";
import type { JsonObject, Message } from "./state.ts";
import { checkContent, checkMetadata } from "./validate/message.ts";
import { threadRoot } from "./web-api/chat.ts";
import { BOT } from "./workspace-seed.ts";
import type { World } from "./world.ts";

const MOST_USES = 5;
const MOST_TEXT = 40_000;

const answerSchema = z.looseObject({
  text: z.string().optional(),
  blocks: z.unknown().optional(),
  response_type: z.enum(["ephemeral", "in_channel"]).default("ephemeral"),
  replace_original: z.boolean().default(false),
  delete_original: z.boolean().default(false),
  thread_ts: z.string().optional(),
  metadata: z.unknown().optional(),
});

/** Where an answer that is not a Web API call goes: back to the person, in that channel. */
interface Place {
  channel: string;
  user: string;
  original: Message | null;
}

/** Shows what the app answered to a command or click; ephemeral unless it says otherwise. Throws as Slack refuses. */
export const showAnswer = (world: World, place: Place, body: unknown): void => {
  const parsed = answerSchema.safeParse(body);
  if (!parsed.success) throw new SlackRefusal("invalid_payload");
  const answer = parsed.data;
  if (answer.delete_original) {
    if (place.original === null) throw new SlackRefusal("message_not_found");
    world.state.remove(place.original);
    return;
  }
  const said = checkContent(answer, MOST_TEXT, world.state.unknownBlocks);
  if (answer.replace_original && place.original !== null) {
    world.state.edit(place.original, said);
    return;
  }
  world.state.post({
    ...said,
    channel: place.channel,
    user: BOT,
    ephemeralTo: answer.response_type === "ephemeral" ? place.user : null,
    threadTs: threadRoot(world, place.channel, answer.thread_ts),
    metadata: answer.metadata === undefined ? null : checkMetadata(answer.metadata),
  });
};

/** A new `response_url` for what a person just did. */
export const newResponseUrl = (
  world: World,
  channel: string,
  user: string,
  original: string | null,
): string => {
  const id = `${world.state.home.id}/${crypto.randomUUID()}`;
  world.state.responseUrls.set(id, { channel, user, original, uses: 0, at: Date.now() });
  return `${world.url}/response/${id}`;
};

const refuse = (status: number, error: string) => ({ status, body: { ok: false, error } });

/** Answers a POST to a `response_url`: five uses within thirty minutes, then 404. */
export const useResponseUrl = (
  world: World,
  id: string,
  text: string,
): { status: number; body: JsonObject } => {
  const url = world.state.responseUrls.get(id);
  if (url === undefined) return refuse(404, "invalid_url");
  if (Date.now() - url.at > world.times.responseUrlMs) return refuse(404, "expired_url");
  if (url.uses >= MOST_USES) return refuse(404, "used_url");
  url.uses += 1;
  try {
    const original = url.original === null ? null : (world.state.find(url.channel, url.original) ?? null);
    showAnswer(world, { channel: url.channel, user: url.user, original }, JSON.parse(text));
    return { status: 200, body: { ok: true } };
  } catch (error) {
    if (error instanceof SlackRefusal)
      return { status: 400, body: { ok: false, error: error.code, ...error.extra } };
    if (error instanceof SyntaxError) return refuse(400, "invalid_payload");
    throw error;
  }
};
