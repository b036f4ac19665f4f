/** A set of people: Slack user groups and user ids. */
export interface PeopleSet {
  groups: readonly string[];
  users: readonly string[];
}

/** The permissions of the configuration. */
export interface Policy {
  /** Null: every full member may use view operations. */
  view: PeopleSet | null;
  /** Null: nobody may make changes. */
  operate: PeopleSet | null;
  /** Null: nobody may approve, so operations that need approval are refused. */
  approve: PeopleSet | null;
  /** Names of non-destructive operations that need approval as well. */
  approvalAlso: readonly string[];
  /** Why all changes are refused, in words; undefined: there is no such reason. */
  noChanges?: string;
  /** Ids of channels shared with another organisation in which the bot may answer. */
  externalChannels: readonly string[];
}
