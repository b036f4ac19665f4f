import type { CheckLine } from "./check-line.ts";
import type { Config } from "./config/config.ts";

/** Something in Slack that the configuration names by its id. */
export interface SlackName {
  kind: "group" | "user" | "channel";
  id: string;
  /** What people are asked or told in this channel: then it must not be shared with another organization. */
  internalFor?: "approvals" | "break-glass";
}

/** A problem with a name: `what` completes "user group S1 ...". `isGrave`: everything that needs the name fails. */
export interface SlackNameProblem extends SlackName {
  isGrave: boolean;
  what: string;
  todo: string;
}

/** Names by id, with the settings that use each. */
export type SlackNames = ReadonlyMap<string, { name: SlackName; settings: readonly string[] }>;

/** Drops direct messages: the bot needs no invitation to one and cannot read its details. */
const readable = (channels: readonly string[]): readonly string[] =>
  channels.filter((id) => !id.startsWith("D"));

/** Every user group, user and channel of the configuration, once each. */
export function slackNames({ policy, channels, seal, clusters }: Config): SlackNames {
  const names = new Map<string, { name: SlackName; settings: readonly string[] }>();
  const put = (one: SlackName, setting: string): void => {
    const { name = {}, settings = [] } = names.get(one.id) ?? {};
    names.set(one.id, { name: { ...name, ...one }, settings: [...settings, setting] });
  };
  const add = (kind: SlackName["kind"], ids: readonly string[], setting: string): void => {
    for (const id of ids) put({ kind, id }, setting);
  };
  const putInternal = (id: string, use: NonNullable<SlackName["internalFor"]>, setting: string): void => {
    const isInternal = !policy.externalChannels.includes(id);
    put({ kind: "channel", id, ...(isInternal && { internalFor: use }) }, setting);
  };
  for (const [set, { groups, users }] of Object.entries(policy.people)) {
    add("group", groups, `people.${set}`);
    add("user", users, `people.${set}`);
  }
  add("user", policy.same.flat(), "same");
  for (const { name, match } of policy.rules) add("channel", readable(match.channels ?? []), `rule ${name}`);
  add("channel", readable(Object.keys(channels)), "channels");
  add("channel", readable(policy.externalChannels), "externalChannels");
  for (const { name, approvals } of clusters) {
    if (approvals === undefined) continue;
    putInternal(approvals, "approvals", `clusters.${name}.approvals`);
  }
  for (const { name, announce } of policy.breakGlass)
    if (announce !== null) putInternal(announce, "break-glass", `break-glass ${name}`);
  if (seal.channel !== null) add("channel", readable([seal.channel]), "seal.channel");
  return names;
}

const WORDS = { group: "user group", user: "user", channel: "channel" } as const;

/** One line that counts the names without a problem, and one line per problem. */
export function namedLines(names: SlackNames, problems: readonly SlackNameProblem[]): readonly CheckLine[] {
  const lines = problems.map(({ kind, id, isGrave, what, todo }): CheckLine => {
    const settings = names.get(id)?.settings.join(", ") ?? "";
    return {
      level: isGrave ? "FAIL" : "warn",
      what: `Slack ${WORDS[kind]} ${id} (${settings}): ${what}`,
      todo,
    };
  });
  const fine = names.size - problems.length;
  const what = `Slack names of the configuration: ${fine} of ${names.size} user groups, users and channels are fine`;
  return fine === 0 ? lines : [{ level: "ok", what, todo: null }, ...lines];
}
