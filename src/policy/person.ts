/** Which colleagues on Enterprise Grid count as members: those in our workspace, or everyone of the organization. */
export type Organization = "workspace" | "whole";

/** A Slack user as Slack describes them. The caller of `lookup` chooses how fresh the data is. */
export interface Person {
  user: string;
  team: string;
  displayName: string;
  /** Why Slack does not return this account, in words; the other fields then mean nothing. Null: Slack returned it. */
  unknown: string | null;
  /** A full member whose account is active: of our workspace, or of our organization where all of it counts. */
  member: boolean;
  deactivated: boolean;
  bot: boolean;
  guest: boolean;
  /**
   * Null: no outsider. `workspace`: of our Enterprise Grid organization, but not in our workspace. `organization`: from
   * any other organization.
   */
  outsider: "workspace" | "organization" | null;
  /** The configured user groups that this person is in. */
  groups: ReadonlySet<string>;
  /**
   * Configured user groups that Slack does not return, with the reason in words. The person may or may not be in
   * them.
   */
  unreadable: ReadonlyMap<string, string>;
}

/** A full member of whom nothing is in the way, in no group. */
export const fullMember = ({ user, team }: Pick<Person, "user" | "team">): Person => ({
  user,
  team,
  displayName: user,
  unknown: null,
  member: true,
  deactivated: false,
  bot: false,
  guest: false,
  outsider: null,
  groups: new Set(),
  unreadable: new Map(),
});

/** How fresh an answer must be, and how urgent it is. Without it: accounts at most 5 s old, groups at most 30 s old. */
export interface Freshness {
  /** Oldest acceptable time of Slack's answer, ms by Redis's clock. */
  notBefore?: number;
  /** The only groups that must be read; by default every group that the policy names. */
  groups?: readonly string[];
  /** How long the lookup may wait for our own rate limit, ms; by default a moment. */
  patienceMs?: number;
  /**
   * Slack allows few lookups. A share of them is reserved for brakes. `show`: decides nothing, so it takes no turns
   * from decisions.
   */
  urgency?: "brake" | "show" | undefined;
}

export interface People {
  /**
   * Looks a user up. A permanent refusal by Slack is part of the answer (`unknown`, `unreadable`).
   * Throws SlackUnavailable where Slack does not answer, or where our rate limit does not allow the call yet; callers
   * fail closed.
   */
  lookup(actor: { user: string; team: string }, how?: Freshness): Promise<Person>;
}
