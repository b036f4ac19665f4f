import { splitArguments } from "./split-arguments.ts";

/** `flinkops init`. What is null is asked, where somebody can answer. */
export interface Starting {
  do: "init";
  /** The folder of the three files. */
  folder: string;
  answers: Readonly<Record<Question, string | null>>;
}

export type Question = "url" | "cluster" | "redis" | "operate" | "approve";

type Wrong = { do: "usage"; problem: string };

const FLAGS = {
  url: { type: "string" },
  cluster: { type: "string" },
  redis: { type: "string" },
  operate: { type: "string" },
  approve: { type: "string" },
} as const;

/** Parses the arguments after `flinkops init`. */
export function parseInit(argv: readonly string[]): Starting | Wrong {
  const parsed = splitArguments(argv, FLAGS);
  if ("problem" in parsed) return { do: "usage", problem: parsed.problem };
  const [folder = ".", surplus] = parsed.positionals;
  if (surplus !== undefined) return { do: "usage", problem: "init: name one folder at most" };
  const { url = null, cluster = null, redis = null, operate = null, approve = null } = parsed.values;
  return { do: "init", folder, answers: { url, cluster, redis, operate, approve } };
}
