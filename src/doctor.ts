import { type CheckLine, exitCodeOf, lineOf } from "./check-line.ts";

/** What a finding of the check is about. */
export type Topic =
  | "configuration"
  | "policy"
  | "seal"
  | "redis"
  | "values"
  | "audit"
  | "workers"
  | "cluster"
  | "bot token"
  | "names"
  | "app token";

/** A line of the check, with its topic. */
export interface Finding extends CheckLine {
  topic: Topic;
}

interface Explanation {
  /** What the check did. */
  tried: string;
  /** What depends on it. True of every finding of the topic. */
  means: string;
  /** Pages of the documentation, with their anchors. */
  read: readonly string[];
}

/** What `flinkops doctor` adds to a finding that needs attention. */
export const EXPLANATIONS: Readonly<Record<Topic, Explanation>> = {
  configuration: {
    tried: "reading the configuration, the policy, and the environment variables and files that they name",
    means: "flinkops does not start with a setting that is missing, unknown or wrong",
    read: ["docs/configuration.md", "docs/policy.md#the-policy-file"],
  },
  policy: {
    tried: "reading the policy and running its tests",
    means:
      "the policy decides who may request and who may approve; no process starts with a policy whose tests fail",
    read: ["docs/policy.md", "docs/runbook.md#the-policy-could-not-be-loaded"],
  },
  seal: {
    tried: "reading seal.keys and seal.channel",
    means:
      "by the seal flinkops tells its own values in Redis from those of anybody else; without a key it refuses every change",
    read: ["docs/operating.md#security"],
  },
  redis: {
    tried: "connecting to redis.url, and reading INFO and the settings for eviction and persistence",
    means: "accepted requests are stored in Redis alone; what Redis loses is lost",
    read: ["docs/install.md#redis", "docs/runbook.md#redis-is-down"],
  },
  values: {
    tried: "reading the list of values in Redis that failed the seal",
    means: "such a value was written by someone else; flinkops sets it aside and does nothing because of it",
    read: ["docs/runbook.md#values-in-redis-that-flinkops-did-not-write"],
  },
  audit: {
    tried: "reading how far the chain of the audit log is, and each of its sinks",
    means:
      "destructive operations wait until every required sink has their entries; a copy can be trusted only if it is signed",
    read: ["docs/audit.md#when-it-does-not-run", "docs/audit.md#set-up"],
  },
  workers: {
    tried: "reading the signs of life that workers write to Redis every second",
    means: "requests for the clusters of a zone wait until a worker serves that zone",
    read: ["docs/operating.md#processes", "docs/runbook.md#a-card-does-not-change"],
  },
  cluster: {
    tried:
      "asking Flink's REST API for its version, its configuration and its jobs, with the configured credentials and without",
    means: "flinkops reads and changes jobs through this API alone, and so can everyone else who reaches it",
    read: ["docs/runbook.md#a-cluster-does-not-answer", "docs/operating.md#security"],
  },
  "bot token": {
    tried: "calling auth.test with the bot token, and comparing its scopes with those of manifest.yml",
    means: "flinkops reads people and posts cards with this token; each missing scope disables what needs it",
    read: ["docs/install.md", "docs/install.md#enterprise-grid"],
  },
  names: {
    tried: "asking Slack for every user group, user and channel that the configuration names",
    means: "a decision that needs a name which Slack does not show is refused",
    read: ["docs/install.md#finding-ids", "docs/runbook.md#the-user-group--does-not-exist-in-slack"],
  },
  "app token": {
    tried: "calling apps.connections.open with the app-level token, without connecting",
    means: "without Socket Mode the bot gets no commands and no clicks",
    read: ["docs/install.md", "docs/runbook.md#the-bot-is-silent"],
  },
};

/** The lines of the check, those that need attention with their explanation, and a summary. */
export function explained(findings: readonly Finding[]): { text: string; exitCode: 0 | 1 } {
  const blocks = findings.map((finding) =>
    finding.level === "ok"
      ? lineOf(finding)
      : [`${finding.level.padEnd(4)}  ${finding.what}`, ...explanation(finding.topic, finding.todo)].join(
          "\n",
        ),
  );
  const counted = (level: CheckLine["level"]): number => findings.filter((f) => f.level === level).length;
  const summary = `${counted("FAIL")} failed, ${counted("warn")} to consider, ${counted("ok")} fine`;
  return { text: [...blocks, "", summary].join("\n"), exitCode: exitCodeOf(findings) };
}

/** The indented lines below a finding. `todo`: what to do; null: the finding says it. */
export function explanation(topic: Topic, todo: string | null): readonly string[] {
  const { tried, means, read } = EXPLANATIONS[topic];
  return [
    `      Tried:  ${tried}`,
    `      Means:  ${means}`,
    ...(todo === null ? [] : [`      Do:     ${todo}`]),
    `      Read:   ${read.join(", ")}`,
  ];
}
