import type { JsonObject, Message, SlackState } from "./state.ts";
import { APP_ID, BOT, BOT_ID, type Channel, type User, type UserGroup } from "./workspace-seed.ts";

/** What `users.info` adds for people of an Enterprise Grid organization. */
const gridJson = ({ id, grid }: User): JsonObject =>
  grid === null
    ? {}
    : {
        enterprise_user: {
          id,
          enterprise_id: grid.enterprise.id,
          enterprise_name: grid.enterprise.name,
          is_admin: false,
          is_owner: false,
          is_primary_owner: false,
          teams: grid.teams,
        },
      };

/** A user as `users.info` returns it. */
export const userJson = (user: User, withEmail: boolean): JsonObject => ({
  id: user.id,
  ...(user.teamId === null ? {} : { team_id: user.teamId }),
  name: user.name,
  deleted: user.deleted,
  real_name: user.realName,
  tz: "Etc/UTC",
  tz_offset: 0,
  profile: {
    real_name: user.realName,
    display_name: user.name,
    title: user.title,
    ...(user.teamId === null ? {} : { team: user.teamId }),
    ...(withEmail && !user.isBot ? { email: `${user.name}@example.com` } : {}),
    ...(user.isBot ? { bot_id: BOT_ID, api_app_id: APP_ID } : {}),
  },
  is_admin: false,
  is_owner: false,
  is_primary_owner: false,
  is_restricted: user.isRestricted,
  is_ultra_restricted: false,
  is_bot: user.isBot,
  is_app_user: false,
  is_stranger: false,
  updated: 1_760_000_000,
  ...gridJson(user),
});

/** A user group as `usergroups.list` returns it. */
export const groupJson = (state: SlackState, group: UserGroup, withUsers: boolean): JsonObject => ({
  id: group.id,
  team_id: state.home.id,
  is_usergroup: true,
  is_external: false,
  name: group.name,
  handle: group.handle,
  description: "",
  date_create: 1_760_000_000,
  date_update: 1_760_000_000,
  date_delete: 0,
  user_count: group.users.length,
  ...(withUsers ? { users: group.users } : {}),
});

/** A conversation as `conversations.info` returns it. */
export const channelJson = (state: SlackState, channel: Channel): JsonObject =>
  channel.kind === "im"
    ? {
        id: channel.id,
        is_im: true,
        is_channel: false,
        is_private: true,
        user: channel.members.find((id) => id !== BOT),
        is_archived: false,
      }
    : {
        id: channel.id,
        name: channel.name,
        name_normalized: channel.name,
        is_channel: channel.kind === "public",
        is_group: channel.kind === "private",
        is_im: false,
        is_mpim: channel.kind === "mpim",
        is_private: channel.kind !== "public",
        is_archived: channel.isArchived,
        is_general: false,
        is_member: channel.members.includes(BOT),
        is_shared: channel.isExtShared || channel.isOrgShared === true,
        is_ext_shared: channel.isExtShared,
        is_org_shared: channel.isOrgShared === true,
        context_team_id: state.home.id,
        shared_team_ids: channel.isExtShared ? [state.home.id, state.outside.id] : [state.home.id],
        topic: { value: channel.topic, creator: "", last_set: 0 },
        purpose: { value: "", creator: "", last_set: 0 },
        creator: BOT,
        created: 1_760_000_000,
      };

/** A message as it appears in answers and in the payload of a click. */
export const messageJson = (state: SlackState, message: Message): JsonObject => {
  const fromBot = message.user === BOT;
  const replies = state.messages.filter(
    (one) =>
      one.threadTs === message.ts &&
      one.channel === message.channel &&
      one.ephemeralTo === null &&
      one.deletedAt === null,
  );
  return {
    type: "message",
    user: message.user,
    ts: message.ts,
    text: message.text,
    team: state.home.id,
    ...(fromBot ? { bot_id: BOT_ID, app_id: APP_ID } : {}),
    ...(message.blocks === null ? {} : { blocks: message.blocks }),
    ...(message.metadata === null ? {} : { metadata: message.metadata }),
    ...(message.threadTs === null ? {} : { thread_ts: message.threadTs }),
    ...(message.history.length === 0 ? {} : { edited: { user: message.user, ts: message.ts } }),
    ...(replies.length === 0
      ? {}
      : {
          thread_ts: message.ts,
          reply_count: replies.length,
          reply_users: [...new Set(replies.map((one) => one.user))],
          latest_reply: replies.at(-1)?.ts,
        }),
  };
};
