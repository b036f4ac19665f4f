/** Readable, fixed ids of the workspace that the stand-in starts with. */
export const HOME_TEAM = "T0HOME0001";
export const OUTSIDE_TEAM = "T0OUTSIDE1";
export const APP_ID = "A0FLINKAPP";
export const BOT = "U0FLINKBOT";
export const BOT_ID = "B0FLINKBOT";
/** Slack's own voice: refusals that no app sent. */
export const SLACKBOT = "USLACKBOT";
/** Operates. */
export const ANA = "U0ANA00001";
/** Operates and approves. */
export const BEN = "U0BEN00001";
/** Operates and approves. */
export const CEM = "U0CEM00001";
/** A full member who is in no group. */
export const DORA = "U0DORA0001";
/** From the other company, in the shared channel only. */
export const EVE = "U0EVE00001";
/** A guest of our own workspace. */
export const GIL = "U0GIL00001";
/** Deactivated. */
export const ZOE = "U0ZOE00001";
/** The user group of Ana, Ben and Cem. */
export const OPERATORS = "S0OPERATE1";
/** The user group of Ben and Cem. */
export const APPROVERS = "S0APPROVE1";
export const FLINK_OPS = "C0FLINKOPS";
export const INCIDENT = "C0INCIDENT";
/** The bot is not in this one. */
export const RANDOM = "C0RANDOM01";
/** Shared with the other company. */
export const PARTNERS = "C0PARTNERS";
/** A group message of Ana, Ben and Cem, for a seed that wants one. */
export const GROUP_DM = "G0GROUPDM1";

/** An Enterprise Grid organization. */
export interface Enterprise {
  id: string;
  name: string;
}

export interface Team {
  id: string;
  name: string;
  domain: string;
  /** The organization of this workspace; null: it belongs to none. */
  enterprise: Enterprise | null;
}

export interface User {
  id: string;
  /** What `team_id` says of this person: on Enterprise Grid any of their workspaces, or nothing. */
  teamId: string | null;
  /** Their organization, and their workspaces in it; null: not on Enterprise Grid. */
  grid: { enterprise: Enterprise; teams: string[] } | null;
  /** The handle, as typed after an at sign. */
  name: string;
  realName: string;
  title: string;
  deleted: boolean;
  isBot: boolean;
  /** A multi-channel guest. */
  isRestricted: boolean;
}

export interface UserGroup {
  id: string;
  handle: string;
  name: string;
  users: string[];
}

export interface Channel {
  id: string;
  name: string;
  topic: string;
  /** `mpim`: a group message, to which nobody can be invited later. */
  kind: "public" | "private" | "im" | "mpim";
  /** Shared with another organisation (Slack Connect). */
  isExtShared: boolean;
  /** Shared with other workspaces of the same organization. */
  isOrgShared?: boolean;
  isArchived: boolean;
  members: string[];
  /** What the page offers here, to be sent with one click, instead of what it offers elsewhere. */
  suggestions?: readonly string[];
}

/** Everything the workspace starts with. */
export interface Seed {
  home: Team;
  outside: Team;
  /** The app is installed for the whole organization instead of the workspace. */
  isOrgWide?: boolean;
  users: User[];
  groups: UserGroup[];
  channels: Channel[];
}

/** A full member of the workspace Acme, unless told otherwise. */
export const user = (id: string, name: string, realName: string, more: Partial<User> = {}): User => ({
  id,
  name,
  realName,
  teamId: HOME_TEAM,
  grid: null,
  title: "",
  deleted: false,
  isBot: false,
  isRestricted: false,
  ...more,
});

/** A public channel. */
export const channel = (id: string, name: string, topic: string, members: string[]): Channel => ({
  id,
  name,
  topic,
  kind: "public",
  isExtShared: false,
  isArchived: false,
  members,
});

/** GROUP_DM. */
export const aGroupMessage = (): Channel => ({
  ...channel(GROUP_DM, "mpdm-ana--ben--cem-1", "", [ANA, BEN, CEM]),
  kind: "mpim",
});

/** A fresh copy of the workspace "Acme". */
export const defaultSeed = (): Seed => ({
  home: { id: HOME_TEAM, name: "Acme", domain: "acme", enterprise: null },
  outside: { id: OUTSIDE_TEAM, name: "Globex", domain: "globex", enterprise: null },
  users: [
    user(ANA, "ana", "Ana Alvarez", { title: "operates" }),
    user(BEN, "ben", "Ben Baker", { title: "approves" }),
    user(CEM, "cem", "Cem Cetin", { title: "approves" }),
    user(DORA, "dora", "Dora Dahl", { title: "may only read" }),
    user(EVE, "eve", "Eve Evans", { title: "from Globex", teamId: OUTSIDE_TEAM }),
    user(GIL, "gil", "Gil Guest", { title: "guest", isRestricted: true }),
    user(ZOE, "zoe", "Zoe Zeller", { title: "deactivated", deleted: true }),
    user(BOT, "flink", "flink", { isBot: true, title: "app" }),
    user(SLACKBOT, "slackbot", "Slackbot", { isBot: true }),
  ],
  groups: [
    { id: OPERATORS, handle: "flink-operators", name: "Flink operators", users: [ANA, BEN, CEM] },
    { id: APPROVERS, handle: "flink-approvers", name: "Flink approvers", users: [BEN, CEM] },
  ],
  channels: [
    channel(FLINK_OPS, "flink-ops", "Operating our Flink jobs", [ANA, BEN, CEM, DORA, GIL, BOT]),
    channel(INCIDENT, "incident-42", "Orders are late", [ANA, BEN, CEM, DORA, BOT]),
    channel(RANDOM, "random", "Anything else", [ANA, BEN, CEM, DORA]),
    {
      ...channel(PARTNERS, "partners", "Shared with Globex", [ANA, BEN, CEM, DORA, EVE, BOT]),
      isExtShared: true,
    },
  ],
});
