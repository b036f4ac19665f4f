import { z } from "zod";
import { channelJson, groupJson, userJson } from "../people.ts";
import { SlackRefusal } from "../refusal.ts";
import type { SlackState } from "../state.ts";
import { APP_ID, BOT, BOT_ID, type Channel } from "../workspace-seed.ts";
import type { World } from "../world.ts";
import { flag, type Method, method, page, paginate, visibleChannel } from "./method.ts";

const authTest = method({
  tier: "special",
  args: z.looseObject({}),
  run(_, { state, url }) {
    const { home, isOrgWide } = state;
    const shown = isOrgWide ? (home.enterprise ?? home) : home;
    return {
      url: `${url}/`,
      team: shown.name,
      user: state.users.get(BOT)?.name,
      team_id: shown.id,
      user_id: BOT,
      bot_id: BOT_ID,
      is_enterprise_install: isOrgWide,
      ...(home.enterprise === null ? {} : { enterprise_id: home.enterprise.id }),
    };
  },
});

const openConnection = method({
  scopes: ["connections:write"],
  tier: "special",
  token: "app",
  args: z.looseObject({}),
  run(_, { socket, url }) {
    if (socket === null) throw new SlackRefusal("socket_mode_not_turned_on");
    const ticket = socket.newTicket();
    return { url: `${url.replace("http", "ws")}/link/?ticket=${ticket}&app_id=${APP_ID}` };
  },
});

const channelRead = ["channels:read", "groups:read", "im:read", "mpim:read"];

/** https://docs.slack.dev/reference/methods/conversations.info: a scope for each kind of conversation. */
const SCOPE_OF: Readonly<Record<Channel["kind"], string>> = {
  public: "channels:read",
  private: "groups:read",
  im: "im:read",
  mpim: "mpim:read",
};

/** Throws `missing_scope` where a conversation is of a kind that the token may not read about. */
const readable = ({ state, manifest }: World, id: string): void => {
  const channel = state.channels.get(id);
  const needed = SCOPE_OF[channel?.kind ?? "public"];
  // a private channel that the app is not in does not exist for it, whatever its scopes
  if (channel?.kind === "private" && !channel.members.includes(BOT)) return;
  if (!manifest.scopes.includes(needed))
    throw new SlackRefusal("missing_scope", { needed, provided: manifest.scopes.join(",") });
};

const conversationInfo = method({
  scopes: channelRead,
  tier: "tier3",
  args: z.looseObject({ channel: z.string(), include_num_members: flag }),
  run(args, world) {
    readable(world, args.channel);
    const channel = visibleChannel(world, args.channel);
    const count = args.include_num_members ? { num_members: channel.members.length } : {};
    return { channel: { ...channelJson(world.state, channel), ...count } };
  },
});

const conversationMembers = method({
  scopes: channelRead,
  tier: "tier4",
  args: z.looseObject({ channel: z.string(), ...page }),
  run(args, world) {
    const { items, response_metadata } = paginate(visibleChannel(world, args.channel).members, args);
    return { members: items, response_metadata };
  },
});

const conversationOpen = method({
  scopes: ["im:write"],
  tier: "tier3",
  args: z.looseObject({ users: z.string() }),
  run(args, { state }) {
    const user = state.users.get(args.users);
    if (user === undefined) throw new SlackRefusal("user_not_found");
    if (user.deleted) throw new SlackRefusal("user_disabled");
    if (user.isBot) throw new SlackRefusal("cannot_dm_bot");
    return { channel: { id: state.directChannel(user.id).id } };
  },
});

const seesEmail = (world: World): boolean => world.manifest.scopes.includes("users:read.email");

const userInfo = method({
  scopes: ["users:read"],
  tier: "tier4",
  args: z.looseObject({ user: z.string() }),
  run(args, world) {
    const user = world.state.users.get(args.user);
    if (user === undefined) throw new SlackRefusal("user_not_found");
    return { user: userJson(user, seesEmail(world)) };
  },
});

const userList = method({
  scopes: ["users:read"],
  tier: "tier2",
  args: z.looseObject(page),
  run(args, world) {
    const home = [...world.state.users.values()].filter((user) => world.state.isOfHome(user));
    const { items, response_metadata } = paginate(home, args);
    return {
      members: items.map((user) => userJson(user, seesEmail(world))),
      cache_ts: Math.floor(Date.now() / 1000),
      response_metadata,
    };
  },
});

/** An org-wide token has to name the workspace: https://docs.slack.dev/reference/methods/usergroups.list */
const ofOneTeam = (state: SlackState, team: string | undefined): void => {
  if (state.isOrgWide && team === undefined) throw new SlackRefusal("missing_argument");
};

const groupList = method({
  scopes: ["usergroups:read"],
  tier: "tier2",
  args: z.looseObject({
    include_users: flag,
    include_count: flag,
    include_disabled: flag,
    team_id: z.string().optional(),
  }),
  run(args, { state }) {
    ofOneTeam(state, args.team_id);
    return {
      usergroups: [...state.groups.values()].map((group) => groupJson(state, group, args.include_users)),
    };
  },
});

const groupUsers = method({
  scopes: ["usergroups:read"],
  tier: "tier2",
  args: z.looseObject({ usergroup: z.string(), team_id: z.string().optional() }),
  run(args, { state }) {
    ofOneTeam(state, args.team_id);
    const group = state.groups.get(args.usergroup);
    if (group === undefined) throw new SlackRefusal("no_such_subteam");
    return { users: group.users };
  },
});

const botInfo = method({
  scopes: ["users:read"],
  tier: "tier3",
  args: z.looseObject({ bot: z.string() }),
  run(args) {
    if (args.bot !== BOT_ID) throw new SlackRefusal("bot_not_found");
    return { bot: { id: BOT_ID, deleted: false, name: "flink", app_id: APP_ID, user_id: BOT, icons: {} } };
  },
});

/** Who and what is there. */
export const workspaceMethods: Record<string, Method> = {
  "auth.test": authTest,
  "apps.connections.open": openConnection,
  "conversations.info": conversationInfo,
  "conversations.members": conversationMembers,
  "conversations.open": conversationOpen,
  "users.info": userInfo,
  "users.list": userList,
  "usergroups.list": groupList,
  "usergroups.users.list": groupUsers,
  "bots.info": botInfo,
};
