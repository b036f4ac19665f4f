import { type Format, formats, type Range } from "./audit/export.ts";
import { parseHead } from "./audit/chain.ts";
import { splitArguments } from "./split-arguments.ts";

/** A command about the audit log. `file`: path of the configuration; null: FLINKOPS_CONFIG or the defaults decide. */
export type Auditing =
  | { do: "audit key"; file: string | null }
  | ({ do: "audit export"; file: string | null; format: Format } & Range)
  | {
      do: "audit verify";
      file: string | null;
      /** Paths of exports, `-` for standard input; none: the audit log in Redis. */
      sources: readonly string[];
      head: ReturnType<typeof parseHead>;
      /** Public keys, or paths of files with one. */
      keys: readonly string[];
    };

export type AuditArguments =
  | Auditing
  | { do: "help" }
  | { do: "new audit key" }
  | { do: "usage"; problem: string };

const WORDS = "key, new-key, export or verify";
const OPTIONS = {
  key: ["config"],
  "new-key": [],
  export: ["config", "from", "to", "format"],
  verify: ["config", "head", "key"],
} as const;

const FLAGS = {
  config: { type: "string" },
  from: { type: "string" },
  to: { type: "string" },
  format: { type: "string" },
  head: { type: "string" },
  key: { type: "string", multiple: true },
  help: { type: "boolean", short: "h" },
} as const;

/** Parses the arguments after `flinkops audit`. */
export function parseAudit(argv: readonly string[]): AuditArguments {
  const parsed = splitArguments(argv, FLAGS);
  if ("problem" in parsed) return usage(parsed.problem);
  const { values, positionals } = parsed;
  if (values.help === true) return { do: "help" };
  const [word, ...rest] = positionals;
  if (word === undefined || !isWord(word)) return usage(`audit: say ${WORDS}`);
  const allowed: readonly string[] = OPTIONS[word];
  const stray = Object.keys(values).find((option) => !allowed.includes(option));
  if (stray !== undefined) return usage(`--${stray} does not go with audit ${word}`);
  if (word !== "verify" && rest[0] !== undefined) return usage(`${rest[0]}: audit ${word} takes no file`);
  const file = values.config ?? null;
  switch (word) {
    case "key":
      return { do: "audit key", file };
    case "new-key":
      return { do: "new audit key" };
    case "export":
      return exportOf(values, file);
    case "verify": {
      const head = values.head === undefined ? null : parseHead(values.head);
      if (values.head !== undefined && head === null)
        return usage("--head is <number>:<hash> or <number>:<hash>:<signature>, as flinkops posts it");
      return { do: "audit verify", file, sources: rest, head, keys: values.key ?? [] };
    }
  }
}

function exportOf(
  { from, to, format = "ndjson" }: { from?: string; to?: string; format?: string },
  file: string | null,
): AuditArguments {
  const chosen = formats.find((one) => one === format);
  if (chosen === undefined) return usage(`--format is ${formats.join(" or ")}`);
  const [first, end] = [from, to].map((text) => (text === undefined ? null : parseTime(text)));
  if (Number.isNaN(first ?? 0) || Number.isNaN(end ?? 0))
    return usage("--from and --to are dates like 2026-05-01, or times like 2026-05-01T12:00:00Z");
  if (first != null && end != null && first >= end) return usage("--from is not before --to");
  return { do: "audit export", file, format: chosen, from: first ?? null, to: end ?? null };
}

const usage = (problem: string): AuditArguments => ({ do: "usage", problem });
const isWord = (word: string): word is keyof typeof OPTIONS => Object.hasOwn(OPTIONS, word);

/** A date (its beginning, UTC) or a time with its zone, in ms; NaN: neither. */
const parseTime = (text: string): number =>
  /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?$/u.test(text)
    ? Date.parse(text)
    : Number.NaN;
