import { dirname, resolve } from "node:path";
import { ConfigError } from "../model/errors.ts";
import type { Askable } from "../policy/askable.ts";
import { type Rulebook, rulebookOf } from "./policy-file.ts";
import { policySchema } from "./policy-schema.ts";
import { problemsOf } from "./problems.ts";
import { entries, get, type Sources } from "./secrets.ts";
import { readYaml } from "./yaml-file.ts";

/** A policy file as loaded. `rulebook` null: there is none, or it has problems. */
export interface LoadedPolicy {
  /** The file that the policy is in: one of its own, or the configuration; null: there is none. */
  file: string | null;
  rulebook: Rulebook | null;
  /** As `path: problem`. */
  problems: readonly string[];
}

/** Keys of the configuration that belong into the policy file where there is one. */
const MOVED = ["people", "approvalAlso"];

/**
 * Loads the file that `policy` of the configuration names, relative to the configuration. Works on the unvalidated
 * configuration, so that a mistake elsewhere does not hide one here.
 */
export function loadPolicyFile(
  raw: unknown,
  config: string | null,
  source: Sources & { operations: readonly Askable[] },
): LoadedPolicy {
  const named = get(raw, "policy");
  if (typeof named !== "string" || named === "") return { file: config, rulebook: null, problems: [] };
  const file = resolve(config === null ? "." : dirname(config), named);
  const moved = MOVED.filter((key) => get(raw, key) !== undefined).map(
    (key) =>
      `${key}: belongs into ${named}, because \`policy\` names that file; move it there, or remove \`policy\``,
  );
  const { rulebook, problems } = read(raw, { file, named }, source);
  return { file, rulebook, problems: [...moved, ...problems] };
}

function read(
  raw: unknown,
  { file, named }: { file: string; named: string },
  source: Sources & { operations: readonly Askable[] },
): Omit<LoadedPolicy, "file"> {
  let yaml: unknown;
  try {
    yaml = readYaml(file, source, "correct `policy` in the configuration");
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { rulebook: null, problems: error.message.split("\n").map((line) => line.slice("- ".length)) };
  }
  const within = (problems: readonly string[]): string[] => problems.map((problem) => `${named}: ${problem}`);
  const parsed = policySchema.safeParse(yaml);
  if (!parsed.success)
    return { rulebook: null, problems: within(problemsOf(parsed.error, "policy.example.yml")) };
  const clusters = entries(get(raw, "clusters")).map(([name, c]) => ({ name, dev: get(c, "dev") === true }));
  const { rulebook, problems } = rulebookOf(parsed.data, { clusters, askable: source.operations });
  return { rulebook, problems: within(problems) };
}
