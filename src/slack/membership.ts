import type { Organization, Person } from "../policy/person.ts";
import type { KnownAccount } from "./account.ts";
import type { Ourselves } from "./ourselves.ts";

type Home = Pick<Ourselves, "team" | "enterprise">;

/**
 * Whether an account is outside of what flinkops serves. On Enterprise Grid `team_id` does not tell: it names any
 * workspace of the organization, or is missing. `enterprise_user` lists the workspaces that the person belongs to.
 * https://docs.slack.dev/enterprise/developing-for-enterprise-orgs
 */
export function outsideOf(account: KnownAccount, us: Home, organization: Organization): Person["outsider"] {
  const { enterprise, team, stranger } = account;
  if (enterprise === null) return team === us.team && !stranger ? null : "organization";
  if (us.enterprise !== null && enterprise.id !== us.enterprise) return "organization";
  // Slack calls nobody of our own workspace a stranger
  if (enterprise.teams.includes(us.team) && !stranger) return null;
  // our workspace joined an organization after `auth.test` was read, and this person is not in our workspace
  if (us.enterprise === null) return "organization";
  return organization === "whole" ? null : "workspace";
}

/**
 * Whether the workspace or organization that Slack names beside a person in a payload fits the account with that id.
 * Ids of people of different organizations may be equal.
 */
export const fits = (team: string, account: KnownAccount, us: Home): boolean =>
  team === us.team ||
  team === account.team ||
  (account.enterprise !== null && [account.enterprise.id, ...account.enterprise.teams].includes(team));
