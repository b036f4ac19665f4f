import { type CheckLine, fail, ok, warn } from "./check-line.ts";
import type { Organization } from "./policy/person.ts";

/** The response of `auth.test`; `scopes` from its `x-oauth-scopes` header. */
export interface SlackFacts {
  team: string;
  user: string;
  scopes: readonly string[];
  /** The id of the workspace's Enterprise Grid organization; null: it belongs to none. */
  enterprise: string | null;
  /** The app is installed for the whole organization. */
  orgWide: boolean;
}

interface Needs {
  scopes: readonly string[];
  /** Scope to purpose. */
  optionalScopes: Readonly<Record<string, string>>;
  organization: Organization;
}

/** The lines about the bot token. */
export function slackLines(
  facts: SlackFacts,
  { scopes, optionalScopes, organization }: Needs,
): readonly CheckLine[] {
  const without = Object.entries(optionalScopes).filter(([scope]) => !facts.scopes.includes(scope));
  const missing = scopes.filter((scope) => !facts.scopes.includes(scope));
  return [
    facts.orgWide
      ? fail(
          `Slack bot token: the app is installed for the whole organization ${facts.team}, and flinkops serves one workspace`,
          'install the app in that workspace and use the bot token of that installation (docs/install.md, "Enterprise Grid")',
        )
      : ok(`Slack bot token: ${facts.user} in ${facts.team}`),
    ...grid(facts, organization),
    missing.length === 0
      ? ok("Slack scopes: complete")
      : fail(
          `Slack scopes: ${missing.join(", ")} missing`,
          "update the app from manifest.yml and reinstall it",
        ),
    ...without.map(([scope, what]) =>
      ok(`Slack scopes: ${scope} is optional and not granted, so it does not ${what}`),
    ),
  ];
}

function grid({ enterprise, orgWide }: SlackFacts, organization: Organization): readonly CheckLine[] {
  if (orgWide) return [];
  if (enterprise !== null)
    return [
      ok(
        organization === "whole"
          ? `Slack organization ${enterprise}: all of its full members may use flinkops`
          : `Slack organization ${enterprise}: only members of this workspace may use flinkops`,
      ),
    ];
  return organization === "whole"
    ? [
        warn(
          "Slack organization: slack.organization is whole, but this workspace belongs to no Enterprise Grid organization",
          "remove slack.organization",
        ),
      ]
    : [];
}
