import { stringify } from "yaml";

/** What a first configuration says. `operate` empty: nobody changes anything. */
export interface Start {
  url: string;
  /** What people call it. */
  cluster: string;
  /** Ids of user groups and users. */
  operate: readonly string[];
  approve: readonly string[];
}

/** A configuration for one cluster. */
export function starterConfig({ url, cluster, operate }: Start): string {
  const isReadOnly = operate.length === 0;
  return [
    "# Written by `flinkops init`. config.example.yml has everything that can be set.",
    stringify({
      slack: { mode: "socket", botToken: { env: "SLACK_BOT_TOKEN" }, appToken: { env: "SLACK_APP_TOKEN" } },
      redis: { url: { env: "REDIS_URL" } },
      seal: { keys: [{ env: "FLINKOPS_SEAL_KEY" }] },
      audit: { signingKey: { env: "FLINKOPS_AUDIT_KEY" } },
      clusters: { [cluster]: { url, changes: !isReadOnly } },
      ...(isReadOnly ? {} : { policy: "policy.yml" }),
      http: { metrics: true },
    }),
  ].join("\n");
}

/** A policy file for it, with tests. */
export function starterPolicy({ cluster, operate, approve }: Start): string {
  return [
    "# Written by `flinkops init`. docs/policy.md explains every key, policy.example.yml shows more of them.",
    "# flinkops policy test --config config.yml",
    stringify({
      people: { operators: setOf(operate), approvers: setOf(approve) },
      rules: [
        {
          name: "destructive",
          classes: ["destructive"],
          ask: ["operators"],
          approve: [{ from: ["approvers"], count: 1 }],
        },
        { name: "everyday changes", classes: ["operate"], ask: ["operators"], allow: true },
        { name: "locks", classes: ["lock"], ask: ["operators", "approvers"], allow: true },
      ],
      tests: [
        { as: "operators", say: `stop ${cluster}/orders`, expect: { approve: [{ from: ["approvers"] }] } },
        { as: "operators", say: `savepoint ${cluster}/orders`, expect: "allow" },
        { as: "member", say: `cancel ${cluster}/orders`, expect: "refuse" },
        { as: "member", say: `status ${cluster}/orders`, expect: "allow" },
      ],
    }),
  ].join("\n");
}

/** What is no id of a user is taken for one of a group; loading the policy refuses it if it is none. */
function setOf(ids: readonly string[]): { groups?: string[]; users?: string[] } {
  const users = ids.filter((id) => /^[UW]/u.test(id));
  const groups = ids.filter((id) => !users.includes(id));
  return { ...(groups.length > 0 && { groups }), ...(users.length > 0 && { users }) };
}

/** What a first start needs of the environment, besides Slack's tokens. */
export type StarterEnv = Readonly<Record<"REDIS_URL" | "FLINKOPS_SEAL_KEY" | "FLINKOPS_AUDIT_KEY", string>>;

/** The file with it, and with places for the tokens. */
export const starterEnv = (env: StarterEnv): string =>
  [
    "# Secrets. Never commit this file.",
    "# OAuth & Permissions of the installed app",
    "SLACK_BOT_TOKEN=xoxb-...",
    "# Basic Information, App-Level Tokens, scope connections:write",
    "SLACK_APP_TOKEN=xapp-...",
    `REDIS_URL='${env.REDIS_URL}'`,
    "# every process has the same; whoever has it can make flinkops act through Redis",
    `FLINKOPS_SEAL_KEY=${env.FLINKOPS_SEAL_KEY}`,
    "# of the workers; whoever has it can sign an audit log",
    `FLINKOPS_AUDIT_KEY=${env.FLINKOPS_AUDIT_KEY}`,
    "",
  ].join("\n");
