import { z } from "zod";
import { SlackRefusal } from "../refusal.ts";
import type { JsonObject } from "../state.ts";
import { type Channel, BOT } from "../workspace-seed.ts";
import type { World } from "../world.ts";

/** Calls per minute that Slack grants: https://docs.slack.dev/apis/web-api/rate-limits */
export const TIER_PER_MINUTE = { tier1: 1, tier2: 20, tier3: 50, tier4: 100, special: Infinity } as const;

/** One method of the Web API. */
export interface Method {
  /** One of these is enough; none means any token of the right kind. */
  scopes: readonly string[];
  tier: keyof typeof TIER_PER_MINUTE;
  token: "bot" | "app";
  run(args: JsonObject, world: World): JsonObject;
}

/** A row of the method table: its arguments are checked before it runs. */
export const method = <S extends z.ZodType>(row: {
  scopes?: readonly string[];
  tier: keyof typeof TIER_PER_MINUTE;
  token?: "bot" | "app";
  args: S;
  run(args: z.infer<S>, world: World): JsonObject;
}): Method => ({
  scopes: row.scopes ?? [],
  tier: row.tier,
  token: row.token ?? "bot",
  run(args, world) {
    const parsed = row.args.safeParse(args);
    if (!parsed.success) {
      throw new SlackRefusal("invalid_arguments", {
        response_metadata: {
          messages: parsed.error.issues.map(
            (issue) => `[ERROR] ${issue.message} [json-pointer:/${issue.path.map(String).join("/")}]`,
          ),
        },
      });
    }
    return row.run(parsed.data, world);
  },
});

/** A JSON value, also where a form carries it as text. Throws what Slack calls it when it is not JSON. */
export const json = (refusal: string) =>
  z.unknown().transform((value): unknown => {
    if (typeof value !== "string") return value;
    try {
      const parsed: unknown = JSON.parse(value);
      return parsed;
    } catch {
      throw new SlackRefusal(refusal);
    }
  });

/** A boolean, also as a form writes it. */
export const flag = z
  .union([
    z.boolean(),
    z.enum(["true", "false", "1", "0"]).transform((text) => text === "true" || text === "1"),
  ])
  .default(false);

/** A page of a list. */
export const page = {
  cursor: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
};

/** Cuts a list the way Slack's cursors do. */
export const paginate = <T>(
  all: readonly T[],
  { cursor, limit }: { cursor?: string | undefined; limit: number },
): { items: T[]; response_metadata: { next_cursor: string } } => {
  const from = cursor === undefined || cursor === "" ? 0 : Number(Buffer.from(cursor, "base64").toString());
  if (!Number.isInteger(from)) throw new SlackRefusal("invalid_cursor");
  const next = from + limit < all.length ? Buffer.from(String(from + limit)).toString("base64") : "";
  return { items: all.slice(from, from + limit), response_metadata: { next_cursor: next } };
};

/** A channel that the app can see. Throws `channel_not_found` for any other. */
export const visibleChannel = (world: World, id: string): Channel => {
  const channel = world.state.channels.get(id);
  const hidden = channel !== undefined && channel.kind !== "public" && !channel.members.includes(BOT);
  if (channel === undefined || hidden) throw new SlackRefusal("channel_not_found");
  return channel;
};

/** A channel that the app may write to: a person's id opens the direct channel. Throws as Slack does. */
export const writableChannel = (world: World, id: string): Channel => {
  const person = world.state.users.get(id);
  if (person !== undefined && !person.isBot) return world.state.directChannel(person.id);
  const channel = visibleChannel(world, id);
  if (channel.isArchived) throw new SlackRefusal("is_archived");
  const open = channel.kind === "public" && world.manifest.scopes.includes("chat:write.public");
  if (!channel.members.includes(BOT) && !open) throw new SlackRefusal("not_in_channel");
  return channel;
};
