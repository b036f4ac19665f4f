/** Every bot scope the code needs, and for what. manifest.yml asks for exactly these; `flinkops check` compares the token's. */
export const scopes = {
  "app_mentions:read": "hear mentions",
  "channels:read": "know whether the bot is in a public channel, and whether the channel is shared",
  "chat:write": "post and edit cards, reply, answer",
  commands: "receive the slash command",
  "groups:read": "the same as channels:read for private channels",
  "usergroups:read": "know who is in the user groups that the policy names",
  "users:read": "know whether somebody is a full, active member",
} as const;

/** Scopes that an installation may leave out, and what it does without then. */
export const optionalScopes = {
  "files:write": "show pictures in threads beside the words, or stacks as files",
} as const;

/** What the code listens to. */
export const botEvents = ["app_mention"] as const;

/** The names alone. */
export const BOT_SCOPES: readonly string[] = Object.keys(scopes);
export const OPTIONAL_SCOPES: readonly string[] = Object.keys(optionalScopes);
