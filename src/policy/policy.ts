/** A set of people: Slack user groups and user ids. */
export interface PeopleSet {
  groups: readonly string[];
  users: readonly string[];
}

/** Who may do what. A fuller language comes later on this seam. */
export interface Policy {
  /** Null: every full member may look. */
  view: PeopleSet | null;
  /** Null: nobody may change anything. */
  operate: PeopleSet | null;
  /** Null: nobody may approve, so what needs approval is refused. */
  approve: PeopleSet | null;
  /** Operations that need approval beside the destructive ones, by name. */
  approvalAlso: readonly string[];
  /** Why nobody may change anything, in words; left out: there is no such reason. */
  noChanges?: string;
  /** Channels shared with another organisation in which the bot may speak. */
  externalChannels: readonly string[];
}
