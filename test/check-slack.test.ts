import { expect, it } from "vitest";
import { printed } from "../src/check.ts";
import { type SlackFacts, slackLines } from "../src/check-slack.ts";
import { loadConfig } from "../src/config/load.ts";
import { ConfigError } from "../src/model/errors.ts";
import type { Organization } from "../src/policy/person.ts";

const facts: SlackFacts = { team: "Acme", user: "flink", scopes: [], enterprise: null, orgWide: false };

const lines = (more: Partial<SlackFacts>, organization: Organization = "workspace"): string[] =>
  printed(slackLines({ ...facts, ...more }, { scopes: [], optionalScopes: {}, organization })).text.split(
    "\n",
  );

/** What the configuration says, or what is wrong with it. */
const organizationOf = (slack: string): string => {
  try {
    return loadConfig({
      env: { SLACK_BOT_TOKEN: "xoxb-1", SLACK_APP_TOKEN: "xapp-1", REDIS_URL: "redis://r" },
      file: "f",
      roles: { bot: true, worker: { zone: null } },
      operations: [],
      readFile: () => `{ clusters: { o: { url: 'http://o' } }, slack: ${slack} }`,
    }).slack.organization;
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
};

it("counts the members of the workspace unless the configuration says otherwise", () => {
  expect(organizationOf("{}")).toBe("workspace");
  expect(organizationOf("{ organization: workspace }")).toBe("workspace");
  expect(organizationOf("{ organization: whole }")).toBe("whole");
  expect(organizationOf("{ organization: E0123456789 }")).toMatch(/^- slack\.organization: /u);
});

it("says nothing of organizations to a workspace that has none", () => {
  expect(lines({})).toEqual(["ok    Slack bot token: flink in Acme", "ok    Slack scopes: complete"]);
});

it("says who of an organization may use flinkops", () => {
  const enterprise = "E0ACMEORG1";
  expect(lines({ enterprise })).toContain(
    "ok    Slack organization E0ACMEORG1: only members of this workspace may use flinkops",
  );
  expect(lines({ enterprise }, "whole")).toContain(
    "ok    Slack organization E0ACMEORG1: all of its full members may use flinkops",
  );
});

it("warns where a whole organization counts and there is none", () => {
  expect(lines({}, "whole")).toContain(
    "warn  Slack organization: slack.organization is whole, but this workspace belongs to no Enterprise Grid organization - remove slack.organization",
  );
});

it("refuses an installation for a whole organization, with what to do", () => {
  const refused = slackLines(
    { ...facts, team: "Acme Group", enterprise: "E0ACMEORG1", orgWide: true },
    { scopes: [], optionalScopes: {}, organization: "whole" },
  );
  expect(printed(refused)).toEqual({
    exitCode: 1,
    text: [
      'FAIL  Slack bot token: the app is installed for the whole organization Acme Group, and flinkops serves one workspace - install the app in that workspace and use the bot token of that installation (docs/install.md, "Enterprise Grid")',
      "ok    Slack scopes: complete",
    ].join("\n"),
  });
});
