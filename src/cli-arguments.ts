import { type Auditing, parseAudit } from "./audit-arguments.ts";
import type { Roles } from "./config/config.ts";
import { parseInit, type Starting } from "./init-arguments.ts";
import { type OnPolicy, parsePolicy } from "./policy-arguments.ts";
import { splitArguments } from "./split-arguments.ts";

/** Printed for `--help` and after a usage error. */
export const USAGE = `usage: flinkops [bot | worker | check | doctor | init | seal new | policy ... | audit ...] [--zone <zone>] [--config <file>]

  flinkops             bot and worker in one process
  flinkops bot         Slack's side only
  flinkops worker      Flink's side only; --zone <zone>: only the clusters of that zone
  flinkops check       check configuration, Redis, clusters and Slack; exit 1 if anything fails
  flinkops doctor      the same, with an explanation of everything that fails or warns
  flinkops check --print-acl          print the command that makes a Redis user with the rights that flinkops needs
  flinkops init [<folder>]            write config.yml, policy.yml and .env for one cluster; asks what these do not say:
                          [--url <flink>] [--cluster <name>] [--redis <url>] [--operate <ids>] [--approve <ids>]
  flinkops seal new    print a new key for seal.keys
  flinkops policy test                run the tests of the policy file; exit 1 if any fails
  flinkops policy explain --as <user id or set> [--as <set>] [--in <channel id>] [--at <time>]
                          [--class <class>] [--change <yaml>] "<command>"
                                      print how the policy decides a command, rule by rule
  flinkops audit new-key              print a new key for audit.signingKey
  flinkops audit key                  print its public key
  flinkops audit export [--from <date>] [--to <date>] [--format ndjson|csv]
                                      print the audit log as Redis has it
  flinkops audit verify [--head <head>] [--key <public key or its file>] [<export>...]
                                      name what was changed; without a file, in Redis; exit 1 if anything was

  --config <file>      YAML, as config.example.yml shows; otherwise FLINKOPS_CONFIG names it
  --version, --help

Without a file, SLACK_BOT_TOKEN, SLACK_APP_TOKEN, FLINK_URL and REDIS_URL start one cluster, read-only.`;

/** A command that needs only its arguments. `usage`: the arguments are not understood. */
export type Brief =
  | { do: "help" }
  | { do: "version" }
  | { do: "new seal key" }
  | { do: "new audit key" }
  | { do: "usage"; problem: string };

export interface Serving {
  do: "serve" | "check" | "doctor";
  roles: Roles;
  /** Path of the configuration file; null: FLINKOPS_CONFIG or the defaults decide. */
  file: string | null;
}

/** `flinkops check --print-acl` */
export interface Acl {
  do: "acl";
  file: string | null;
}

export type Arguments = Brief | Acl | Serving | Starting | OnPolicy | Auditing;

const BRIEF: readonly Arguments["do"][] = ["help", "version", "new seal key", "new audit key", "usage"];
export const isBrief = (asked: Arguments): asked is Brief => BRIEF.includes(asked.do);
export const isOnPolicy = (asked: Arguments): asked is OnPolicy =>
  asked.do === "policy test" || asked.do === "policy explain";
export const isStarting = (asked: Arguments): asked is Starting => asked.do === "init";
export const isServing = (asked: Arguments): asked is Serving =>
  asked.do === "serve" || asked.do === "check" || asked.do === "doctor";

const FLAGS = {
  config: { type: "string" },
  zone: { type: "string" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "v" },
  "print-acl": { type: "boolean" },
} as const;

/** Parses the arguments after `flinkops`. */
export function parseArguments(argv: readonly string[]): Arguments {
  if (argv[0] === "init") return parseInit(argv.slice(1));
  if (argv[0] === "policy") return parsePolicy(argv.slice(1));
  if (argv[0] === "audit") return parseAudit(argv.slice(1));
  const parsed = splitArguments(argv, FLAGS);
  if ("problem" in parsed) return { do: "usage", problem: parsed.problem };
  const { values, positionals } = parsed;
  if (values.help === true) return { do: "help" };
  if (values.version === true) return { do: "version" };
  const [role, surplus] = positionals;
  if (role === "seal")
    return surplus === "new" && positionals.length === 2 && values.zone === undefined
      ? { do: "new seal key" }
      : { do: "usage", problem: "seal: did you mean `flinkops seal new`?" };
  if (role === "policy")
    return { do: "usage", problem: "policy: write it first, `flinkops policy test --config <file>`" };
  if (role === "audit")
    return { do: "usage", problem: "audit: write it first, `flinkops audit export --config <file>`" };
  if (surplus !== undefined) return { do: "usage", problem: `${surplus}: one word is enough` };
  const zone = values.zone ?? null;
  if (zone !== null && role !== "worker" && role !== "check" && role !== "doctor")
    return { do: "usage", problem: "--zone needs worker, check or doctor" };
  const file = values.config ?? null;
  if (values["print-acl"] === true)
    return role === "check" ? { do: "acl", file } : { do: "usage", problem: "--print-acl needs check" };
  switch (role) {
    case undefined:
      return { do: "serve", roles: { bot: true, worker: { zone: null } }, file };
    case "bot":
      return { do: "serve", roles: { bot: true, worker: null }, file };
    case "worker":
      return { do: "serve", roles: { bot: false, worker: { zone } }, file };
    case "check":
    case "doctor":
      // a zone's worker host has no app token to check
      return { do: role, roles: { bot: zone === null, worker: { zone } }, file };
    default:
      return { do: "usage", problem: `${role}: unknown command` };
  }
}
