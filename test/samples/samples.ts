import { readFileSync } from "node:fs";

const linesOf = (file: string): string[] =>
  readFileSync(new URL(file, import.meta.url), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) =>
      line
        .replaceAll("¦", "")
        .replaceAll(/(?<!\\)\\n/gu, "\n")
        .replaceAll("\\\\n", "\\n"),
    );

/** A text, what is secret in it, and the same without. */
export interface SecretSample {
  text: string;
  secrets: readonly string[];
  clean: string;
}

/** Texts with secrets in them, as `secrets.txt` marks them. */
export const secretSamples: readonly SecretSample[] = linesOf("secrets.txt").map((line) => ({
  text: line.replaceAll(/[⟦⟧]/gu, ""),
  secrets: [...line.matchAll(/⟦([^⟧]*)⟧/gu)].map(([, secret = ""]) => secret),
  clean: line.replaceAll(/⟦[^⟧]*⟧/gu, "***"),
}));

/** Texts without. */
export const plainSamples: readonly string[] = linesOf("no-secrets.txt");

/** One of Slack's own samples, with every key that Slack sends: `slack/README.md`. */
export const slackSample = (name: string): Record<string, unknown> => {
  const parsed: unknown = JSON.parse(readFileSync(new URL(`slack/${name}.json`, import.meta.url), "utf8"));
  if (typeof parsed !== "object" || parsed === null) throw new TypeError(`${name}.json holds no object`);
  return { ...parsed };
};
