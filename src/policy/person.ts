/** A Slack user as Slack describes them. How fresh that is, whoever looked them up has said. */
export interface Person {
  user: string;
  team: string;
  displayName: string;
  /** Why Slack does not say who this is, in words; then nothing else here counts. Null: it does. */
  unknown: string | null;
  /** Of our own workspace, account active. */
  member: boolean;
  deactivated: boolean;
  bot: boolean;
  guest: boolean;
  /** From another organisation. */
  outsider: boolean;
  /** Of the configured user groups, those they are in. */
  groups: ReadonlySet<string>;
  /** Configured user groups that Slack does not tell about, and why, in words: they may be in them or not. */
  unreadable: ReadonlyMap<string, string>;
}

/** How fresh an answer must be, and what it is for. Without it: accounts at most 5 s old, groups at most 30 s. */
export interface Freshness {
  /** ms by Redis's clock: what Slack was asked before then does not count. */
  notBefore?: number;
  /** The only groups that matter; without it all that the policy names. */
  groups?: readonly string[];
  /** How long to wait within our own pace, ms; by default a moment. */
  patienceMs?: number;
  /** Slack allows few look-ups: what a brake needs is not used up by others. */
  urgency?: "brake" | undefined;
}

export interface People {
  /**
   * What Slack refuses for good is part of the answer. Throws SlackUnavailable where Slack does not answer, or is not to be
   * asked yet; the caller fails closed.
   */
  lookup(actor: { user: string; team: string }, how?: Freshness): Promise<Person>;
}
