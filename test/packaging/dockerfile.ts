import { readFileSync } from "node:fs";

export interface Instruction {
  name: string;
  /** Everything after the name, on one line. */
  text: string;
}

/** One `FROM ...` and what follows it. */
export interface Stage {
  from: string;
  as: string | null;
  steps: readonly Instruction[];
}

/** A Dockerfile's stages. Knows what ours uses: comments, continued lines, `FROM x AS y`. */
export function readDockerfile(path: string): readonly Stage[] {
  const joined = readFileSync(path, "utf8")
    .replace(/^\s*#.*\n/gmu, "")
    .replace(/\\\n\s*/gu, "");
  const stages: { from: string; as: string | null; steps: Instruction[] }[] = [];
  for (const line of joined.split("\n").filter((l) => l.trim() !== "")) {
    const [, name = "", text = ""] = /^([A-Z]+)\s+(.*)$/u.exec(line) ?? [];
    if (name === "FROM") {
      const [, from = "", as = null] = /^(\S+)(?:\s+AS\s+(\S+))?$/u.exec(text) ?? [];
      stages.push({ from, as, steps: [] });
    } else stages.at(-1)?.steps.push({ name, text });
  }
  return stages;
}

/** A `COPY` taken apart: from the context where `stage` is null. */
export function readCopy(text: string): { stage: string | null; sources: readonly string[]; to: string } {
  const words = text.split(/\s+/u);
  const stage = words.find((w) => w.startsWith("--from="))?.slice("--from=".length) ?? null;
  const paths = words.filter((w) => !w.startsWith("--"));
  return { stage, sources: paths.slice(0, -1), to: paths.at(-1) ?? "" };
}

/** The words of the JSON form of `CMD` and `HEALTHCHECK ... CMD`. */
export function readCommand(text: string): readonly string[] {
  const words: unknown = JSON.parse(text.slice(text.indexOf("[")));
  if (!Array.isArray(words) || !words.every((w) => typeof w === "string"))
    throw new Error(`not a command: ${text}`);
  return words;
}
