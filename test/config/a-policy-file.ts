import { stringify } from "yaml";
import { loadConfig } from "../../src/config/load.ts";
import { ConfigError } from "../../src/model/errors.ts";
import { operations } from "../../src/operations/index.ts";
import { askable } from "../../src/policy/askable.ts";

const ENV = { SLACK_BOT_TOKEN: "xoxb-1-hush", SLACK_APP_TOKEN: "xapp-1-hush", REDIS_URL: "redis://r" };
const CLUSTERS = {
  "prod-a": { url: "http://a" },
  "prod-b": { url: "http://b" },
  dev: { url: "http://d", dev: true },
};
const PEOPLE = {
  operators: { groups: ["S0123456789"] },
  leads: { users: ["U0123456789"], sets: ["operators"] },
  two: { users: ["U0123456789", "U0987654321"] },
};

/** The configuration with this policy file, which has people and no rules unless it says otherwise. */
export function load(policy: object | string, config: object = {}) {
  const text = typeof policy === "string" ? policy : stringify({ people: PEOPLE, rules: [], ...policy });
  const files: Record<string, string> = {
    "/etc/flinkops/config.yml": stringify({ clusters: CLUSTERS, policy: "policy.yml", ...config }),
    "/etc/flinkops/policy.yml": text,
  };
  return loadConfig({
    env: ENV,
    file: "/etc/flinkops/config.yml",
    roles: { bot: true, worker: { zone: null } },
    operations: askable(operations),
    readFile(path) {
      const found = files[path];
      if (found === undefined) throw new Error("no such file");
      return found;
    },
  });
}

/** What is wrong with it, one line each. */
export function problems(...args: Parameters<typeof load>): readonly string[] {
  try {
    load(...args);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n");
    throw error;
  }
}
