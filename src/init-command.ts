import { basename, isAbsolute, join } from "node:path";
import { loadConfig } from "./config/load.ts";
import { type StarterEnv, starterConfig, starterEnv, starterPolicy } from "./config/starter.ts";
import { ConfigError } from "./model/errors.ts";
import { newKey } from "./platform/seal.ts";
import { newSigningKey } from "./platform/signing.ts";
import type { Askable } from "./policy/askable.ts";
import type { Question, Starting } from "./init-arguments.ts";
import type { Installed } from "./installed.ts";
import { runTests } from "./policy-tests.ts";

/** What `flinkops init` needs. */
export interface InitWorld {
  operations: readonly Askable[];
  print(text: string): void;
  complain(text: string): void;
  /** Null: nobody can be asked, because this is no terminal. */
  ask: ((question: string) => Promise<string>) | null;
  exists(path: string): boolean;
  /** Creates a file that is not there yet. `mode`: its permissions. Throws if it cannot. */
  create(path: string, text: string, mode: number): void;
  installed: Installed;
}

interface Asked {
  words: string;
  /** Taken where the answer is empty, or nobody can be asked. */
  otherwise: string;
}

const QUESTIONS: Readonly<Record<Question, Asked>> = {
  url: { words: "Address of Flink's REST API", otherwise: "http://127.0.0.1:8081" },
  cluster: { words: "What people call this cluster", otherwise: "prod" },
  redis: { words: "Address of Redis", otherwise: "redis://127.0.0.1:6379" },
  operate: {
    words: "Who may change jobs: ids of Slack user groups (S...) and users (U...); empty: nobody, read-only",
    otherwise: "",
  },
  approve: { words: "Who approves destructive operations: ids, at least two people", otherwise: "" },
};
const ORDER = ["url", "cluster", "redis", "operate", "approve"] as const;

/** Only their owner reads them: .env has keys. */
const PRIVATE = 0o600;
const READABLE = 0o644;

/**
 * Writes config.yml, policy.yml and .env for one cluster, and says what to do next. Overwrites nothing, and writes nothing
 * that flinkops itself would not load. Returns the exit code.
 */
export async function initCommand({ folder, answers }: Starting, world: InitWorld): Promise<0 | 1> {
  const given = new Map<Question, string>();
  for (const question of ORDER) {
    if (question === "approve" && given.get("operate") === "") continue;
    const { words, otherwise } = QUESTIONS[question];
    const hint = otherwise === "" ? "" : ` [${otherwise}]`;
    const said = answers[question] ?? (await world.ask?.(`${words}${hint}: `)) ?? "";
    given.set(question, said.trim() === "" ? otherwise : said.trim());
  }
  const of = (question: Question): string => given.get(question) ?? "";
  const [operate, approve] = [of("operate"), of("approve")].map(idsIn);
  const start = { url: of("url"), cluster: of("cluster"), operate: operate ?? [], approve: approve ?? [] };
  const isReadOnly = start.operate.length === 0;
  const env: StarterEnv = {
    REDIS_URL: of("redis"),
    FLINKOPS_SEAL_KEY: newKey(),
    FLINKOPS_AUDIT_KEY: newSigningKey(),
  };
  const files: readonly { name: string; text: string; mode: number }[] = [
    { name: "config.yml", text: starterConfig(start), mode: READABLE },
    ...(isReadOnly ? [] : [{ name: "policy.yml", text: starterPolicy(start), mode: READABLE }]),
    { name: ".env", text: starterEnv(env), mode: PRIVATE },
  ];
  const there = files.map(({ name }) => join(folder, name)).filter((path) => world.exists(path));
  if (there.length > 0) {
    world.complain(
      `${there.join(", ")}: already there; nothing was written. Choose another folder: flinkops init <folder>`,
    );
    return 1;
  }
  const problem = problemIn(new Map(files.map(({ name, text }) => [name, text])), env, world);
  if (problem !== null) {
    world.complain(`Nothing was written:\n${problem}`);
    return 1;
  }
  for (const { name, text, mode } of files) world.create(join(folder, name), text, mode);
  world.print(nextSteps(folder, { names: files.map(({ name }) => name), isReadOnly, ...world.installed }));
  return 0;
}

const idsIn = (typed: string): readonly string[] => typed.split(/[\s,]+/u).filter((id) => id !== "");

/** Why flinkops would not load these files, or a test of the policy fails; null: they are fine. */
function problemIn(
  files: ReadonlyMap<string, string>,
  made: StarterEnv,
  { operations }: Pick<InitWorld, "operations">,
): string | null {
  const env = { ...made, SLACK_BOT_TOKEN: "xoxb-0", SLACK_APP_TOKEN: "xapp-0" };
  const readFile = (path: string): string => {
    const text = files.get(basename(path));
    if (text === undefined) throw new Error(`${path} is not there`);
    return text;
  };
  try {
    const roles = { bot: true, worker: { zone: null } };
    const config = loadConfig({ env, readFile, operations, roles, file: "config.yml" });
    const failed = runTests(config).filter((one) => one.is === "failed");
    return failed.length === 0 ? null : failed.map((one) => `- ${one.title}`).join("\n");
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}

function nextSteps(
  folder: string,
  { names, isReadOnly, command, manifest }: Installed & { names: readonly string[]; isReadOnly: boolean },
): string {
  const at = (name: string): string => join(folder, name);
  // the shell looks for a name without a slash elsewhere
  const env = isAbsolute(folder) ? at(".env") : `./${at(".env")}`;
  return [
    `Written: ${names.map(at).join(", ")}.`,
    ...(isReadOnly
      ? ["Nobody may change jobs: people.operate of config.example.yml says how to allow it."]
      : []),
    "",
    "Next:",
    `  1. Create the Slack app at https://api.slack.com/apps, *From a manifest*: ${manifest}`,
    `     Put its two tokens into ${at(".env")}; docs/install.md says where Slack shows them.`,
    "  2. Check it and start it:",
    `       set -a; . ${env}; set +a`,
    `       ${command} check --config ${at("config.yml")}`,
    `       ${command} --config ${at("config.yml")}`,
    "  3. In Slack: /invite @flink, then /flink list",
  ].join("\n");
}
