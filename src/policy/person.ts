/** A Slack user, looked up live (never older than the moment it is decided on; groups at most 30 s old). */
export interface Person {
  user: string;
  team: string;
  displayName: string;
  /** Of our own workspace, account active. */
  member: boolean;
  deactivated: boolean;
  bot: boolean;
  guest: boolean;
  /** From another organisation. */
  outsider: boolean;
  /** Of the configured user groups, those they are in. */
  groups: ReadonlySet<string>;
}

export interface People {
  /** Throws SlackUnavailable; the caller fails closed. */
  lookup(actor: { user: string; team: string }): Promise<Person>;
}
