import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { readTree } from "../source-tree.ts";

/** Words that readers stumble over, and what to write instead. */
const WORDS: readonly (readonly [old: RegExp, instead: string])[] = [
  [/\b(?:goes|went) on\b/iu, "continues, continued"],
  [/\bsomebody else\b/iu, "someone else"],
  [/\bsecond look\b/iu, "follow-up"],
  [/\btake[ns]? (?:it )?back\b/iu, "rolled back"],
  [/\btaken away by\b/iu, "cancelled by"],
  [/\b(?:is|was|were|are) taken to be\b/iu, "assuming"],
  [/\blies? (?:in|on|under|below|beside)\b/iu, "is stored, is kept, must be below"],
  [/\bstands (?:in|on|there|here|above|below)\b/iu, "is stored, is shown"],
  [/\bbeside (?:it|them|the|this|each|its)\b/iu, "next to"],
  [/\blooks? once more\b/iu, "follow-up"],
  [/\bMind: /u, "Warnings: "],
  [/\bwhat it costs\b/iu, "Will be lost or repeated: "],
  [/\bis (?:RUNNING|CREATED|RESTARTING|INITIALIZING) (?:for|since)\b/u, "has been RUNNING for"],
  [/\b(?:has|have) got\b/iu, "has, have"],
  [/\blets? go\b|\bletting go\b/iu, "releases; a task has not stopped yet"],
  [/\bso wide\b/iu, "with that parallelism"],
  [/\bkeeps? the wish\b|\bFlink's wishes\b/iu, "the requested parallelism"],
  [/\bas it is by then\b/iu, "at that time"],
  [/\bas installed\b/iu, "its name"],
  [/\bwhat (?:destroys|changes Flink)\b/iu, "destructive operations, changes"],
  [/\bprocess turns\b/iu, "the process is up"],
  [/\bcatalogued? (?:says|has it|named)\b/iu, "the catalog contains"],
  [
    /\b[Cc]ancel(?:ed|ing)\b|\bCANCELLED\b|\bCANCELING\b/u,
    "cancelled (our word), CANCELED and CANCELLING (Flink's states)",
  ],
  [/\bwhat now\?/iu, "a question that names the choices"],
];

/** Names that are stored, or belong to the code. */
const KEPT = /"second look"|"looked again"|`looked again`/gu;

const files = [
  ...readTree("src", [".ts"]),
  ...readTree("docs", [".md"]),
  ...["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "config.example.yml", "manifest.yml"].map(
    (path) => ({
      path,
      text: readFileSync(path, "utf8"),
    }),
  ),
];

it.each(WORDS)("nothing that people read contains %s", (old, instead) => {
  const found = files.flatMap(({ path, text }) =>
    text.split("\n").flatMap((line, i) => {
      const word = old.exec(line.replace(KEPT, ""))?.[0];
      return word === undefined ? [] : [`${path}:${i + 1}: "${word}"; write: ${instead}`];
    }),
  );
  expect(found).toEqual([]);
});
