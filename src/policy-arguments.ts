import { splitArguments } from "./split-arguments.ts";

/** `flinkops policy test` */
export interface PolicyTesting {
  do: "policy test";
  /** Path of the configuration file; null: FLINKOPS_CONFIG decides. */
  file: string | null;
}

/** `flinkops policy explain`. The words are as typed; null: not given. */
export interface PolicyExplaining {
  do: "policy explain";
  file: string | null;
  /** A user id, and names of sets that the person is in. */
  as: readonly string[];
  in: string | null;
  at: string | null;
  class: string | null;
  /** YAML, as `with.change` of a test. */
  change: string | null;
  say: string;
}

export type OnPolicy = PolicyTesting | PolicyExplaining;

type Wrong = { do: "usage"; problem: string };

const EXPLAIN =
  'policy explain: write it like `flinkops policy explain --as U0123456789 --as operators "stop prod/orders"`';

const FLAGS = {
  config: { type: "string" },
  as: { type: "string", multiple: true },
  in: { type: "string" },
  at: { type: "string" },
  class: { type: "string" },
  change: { type: "string" },
} as const;

/** Parses the arguments after `flinkops policy`. */
export function parsePolicy(argv: readonly string[]): OnPolicy | Wrong {
  const parsed = splitArguments(argv, FLAGS);
  if ("problem" in parsed) return { do: "usage", problem: parsed.problem };
  const { values, positionals } = parsed;
  const {
    config: file = null,
    as = [],
    in: channel = null,
    at = null,
    class: is = null,
    change = null,
  } = values;
  const [what, say, surplus] = positionals;
  if (what === "test") {
    const isExtra =
      say !== undefined || as.length > 0 || [channel, at, is, change].some((one) => one !== null);
    return isExtra
      ? { do: "usage", problem: "policy test takes only --config" }
      : { do: "policy test", file };
  }
  if (what !== "explain")
    return {
      do: "usage",
      problem: "policy: did you mean `flinkops policy test` or `flinkops policy explain`?",
    };
  if (surplus !== undefined)
    return { do: "usage", problem: "policy explain: put the command in quotes, as one argument" };
  if (say === undefined || as.length === 0) return { do: "usage", problem: EXPLAIN };
  return { do: "policy explain", file, as, in: channel, at, class: is, change, say };
}
