/**
 * Every bot scope the code needs, with its purpose. manifest.yml lists exactly these; `flinkops check` compares them.
 */
export const scopes = {
  "app_mentions:read": "receive mentions",
  "channels:read": "know whether the bot is in a public channel, and whether the channel is shared",
  "chat:write": "post and edit cards, reply, answer",
  commands: "receive the slash command",
  "groups:read": "the same as channels:read for private channels",
  "usergroups:read": "know who is in the user groups that the policy names",
  "users:read": "know whether a person is a full, active member",
} as const;

/** Scopes that an installation may omit, with the feature that is then missing. */
export const optionalScopes = {
  "files:write": "show pictures in threads, or stack traces as files",
} as const;

/** The events that the code handles. */
export const botEvents = ["app_mention"] as const;

/** The scope names without their purposes. */
export const BOT_SCOPES: readonly string[] = Object.keys(scopes);
export const OPTIONAL_SCOPES: readonly string[] = Object.keys(optionalScopes);
