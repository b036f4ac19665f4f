import type { SlackState } from "./state.ts";

const escapeText = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const BROADCASTS = new Set(["here", "channel", "everyone"]);

// the client makes links of addresses, of mail addresses, and of bare names that end like a domain
const TOKEN = new RegExp(
  [
    /\b(?<url>https?:\/\/(?:(?!&[lg]t;)[^\s|])*(?!&[lg]t;)[^\s|.,;:!?)'"])/,
    /(?<![\w.+-])(?<mail>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)/,
    /(?<![\w.@/-])(?<domain>(?:[\w-]+\.)+(?:com|org|net|io|dev))(?![\w.-])/,
    /(?<![\w/.])@(?<name>[\w.-]*\w)/,
    /(?<![\w/&])#(?<channel>[\w-]*\w)/,
  ]
    .map((one) => one.source)
    .join("|"),
  "g",
);

const nameOf = (state: SlackState, name: string, kind: "command" | "message"): string | null => {
  const user = [...state.users.values()].find((one) => one.name === name && !one.deleted);
  if (user !== undefined) return kind === "command" ? `<@${user.id}|${user.name}>` : `<@${user.id}>`;
  const group = [...state.groups.values()].find((one) => one.handle === name);
  if (group !== undefined) return `<!subteam^${group.id}>`;
  return BROADCASTS.has(name) ? `<!${name}>` : null;
};

/**
 * What a person typed, as Slack sends it: `& < >` escaped, links and names of people, groups and channels as ids.
 * A command carries the name next to the id, a message does not.
 * https://docs.slack.dev/interactivity/implementing-slash-commands#creating_commands
 */
export const wireText = (state: SlackState, typed: string, kind: "command" | "message"): string => {
  const escaped = escapeText(typed);
  let wire = "";
  let from = 0;
  for (const match of escaped.matchAll(TOKEN)) {
    const { url, mail, domain, name, channel: handle } = match.groups ?? {};
    let token: string | null = null;
    if (url !== undefined) token = `<${url}>`;
    else if (mail !== undefined) token = `<mailto:${mail}|${mail}>`;
    else if (domain !== undefined) token = `<http://${domain}|${domain}>`;
    else if (name !== undefined) token = nameOf(state, name, kind);
    else {
      const channel = [...state.channels.values()].find((one) => one.name === handle && one.kind !== "im");
      if (channel !== undefined) token = `<#${channel.id}|${channel.name}>`;
    }
    wire += escaped.slice(from, match.index) + (token ?? match[0]);
    from = match.index + match[0].length;
  }
  return wire + escaped.slice(from);
};
