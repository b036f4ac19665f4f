import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { parse } from "yaml";
import type { Config, Roles } from "../../../src/config/config.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { ConfigError } from "../../../src/model/errors.ts";
import { operations } from "../../../src/operations/index.ts";
import { askable } from "../../../src/policy/askable.ts";
import type { Random } from "../../simulate/random.ts";
import { mutated } from "../mutate.ts";
import { alteredText, nastyText } from "../nasty.ts";
import { problemKind } from "../problem-lines.ts";
import { must, refused, type Subject, subject, understood } from "../subject.ts";
import { withYamlPieces, yamlText } from "../yaml-text.ts";

const EXAMPLE = parse(readFileSync("config.example.yml", "utf8")) as Record<string, unknown>;
const SMALL = {
  clusters: { orders: { url: "http://orders:8081", changes: true } },
  people: { operate: { users: ["U0123456789"] } },
};
const KEY = "flinkops_seal_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

interface Files {
  text: string;
  env: Readonly<Record<string, string>>;
  roles: Roles;
}

/** Every name that the example reads, each with a value of its own. */
const NAMES = [
  ...new Set([...JSON.stringify(EXAMPLE).matchAll(/"env":"([A-Z_]+)"/gu)].map(([, name = ""]) => name)),
];
/** What only those may have who read it. */
const VALUE = "swordfishENV";
const ENV: Readonly<Record<string, string>> = {
  ...Object.fromEntries(NAMES.map((name) => [name, `${name.toLowerCase()}-${VALUE}`])),
  SLACK_BOT_TOKEN: `xoxb-${VALUE}`,
  SLACK_APP_TOKEN: `xapp-${VALUE}`,
  REDIS_URL: `redis://:${VALUE}@redis:6379`,
  FLINKOPS_SEAL_KEY: KEY,
  FLINK_URL: "http://flink:8081",
};

/** The example, or less of it, so that one mistake is not one among many. */
function file(random: Random): string {
  const all = random.happens(0.15) ? SMALL : EXAMPLE;
  const kept = Object.entries(all).filter(([key]) => key === "clusters" || random.happens(0.45));
  const { audit: _key, policy: _file, ...rest } = Object.fromEntries(kept);
  const value = mutated(rest, random, { shapes: 0.4, most: 2 });
  const text = yamlText(value, random);
  if (random.happens(0.06)) return withYamlPieces(text, random);
  return random.happens(0.04) ? alteredText(text, random) : text;
}

/** The product's side, so that a test can break it. */
const product = { loadConfig };

/** Configuration files, the environment, and who reads them. */
export const config = (door: typeof product = product): Subject =>
  subject({
    name: "config",
    make(random): Files {
      const env = random.happens(0.85)
        ? ENV
        : { ...ENV, [random.pick([...NAMES, "FLINKOPS_PORT"])]: nastyText(random) };
      const zone = random.pick([null, null, "east", "default"]);
      const roles = random.pick([
        { bot: true, worker: { zone } },
        { bot: true, worker: null },
        { bot: false, worker: { zone } },
      ]);
      return { text: file(random), env, roles };
    },
    judge({ text, env, roles }) {
      const load = (): Config =>
        door.loadConfig({
          file: "/etc/flinkops/config.yml",
          env,
          roles,
          operations: askable(operations),
          readFile(path) {
            if (path === "/etc/flinkops/config.yml") return text;
            throw Object.assign(new Error("no such file"), { code: "ENOENT" });
          },
        });
      let read: Config;
      try {
        read = load();
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        must(!error.message.includes(VALUE), () => `a value of the environment is shown: ${error.message}`);
        return refused(problemKind(error.message));
      }
      must(isDeepStrictEqual(load(), read), () => "the same files give another configuration");
      must(isFrozen(read), () => "a configuration that can be changed");
      must(
        read.clusters.length > 0 && read.clusters.every((c) => c.name !== ""),
        () => "a cluster without a name",
      );
      must(/^[0-9a-f]{12}$/u.test(read.policy.hash), () => "a policy without a hash");
      // what does not serve a cluster has none of its secrets
      if (roles.worker === null)
        must(!JSON.stringify(read.clusters).includes(VALUE), () => "the bot has a secret of a cluster");
      return understood(`${read.clusters.length} clusters, ${read.policy.form}`);
    },
  });

const isFrozen = (value: unknown): boolean =>
  typeof value !== "object" ||
  value === null ||
  (Object.isFrozen(value) && Object.values(value).every(isFrozen));
