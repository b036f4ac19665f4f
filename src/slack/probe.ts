import { asking, createClient, type SlackAccess } from "./client.ts";

/** Who the bot token is, and what it may do. Throws SlackRefused, SlackUnavailable. */
export async function probeBotToken(
  access: SlackAccess,
): Promise<{ team: string; user: string; scopes: readonly string[] }> {
  const client = createClient(access);
  const who = await asking(() => client.auth.test());
  return {
    team: who.team ?? who.team_id ?? "unknown",
    user: who.user ?? who.user_id ?? "unknown",
    scopes: who.response_metadata?.scopes ?? [],
  };
}

/** Asks for a Socket Mode address without connecting to it. Throws SlackRefused, SlackUnavailable. */
export async function probeAppToken(access: SlackAccess): Promise<void> {
  const client = createClient(access);
  await asking(() => client.apps.connections.open({}));
}
