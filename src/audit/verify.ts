import { isoTime } from "../model/instant.ts";
import { sha256 } from "../platform/canonical.ts";
import type { Verifier } from "../platform/signing.ts";
import { GENESIS, type Head, jsonObject, type ReadLink, readLink, statement } from "./chain.ts";

/** One thing that is not as flinkops wrote it, or (`note`) that a reader should know. */
export interface Finding {
  is: "changed" | "cut" | "reordered" | "inserted" | "repeated" | "wrong head" | "signature" | "note";
  /** Number of the entry; null where it has none. */
  n: number | null;
  words: string;
}

/** What an export is checked against. */
export interface Against {
  /** A head that was kept elsewhere, such as the daily one in Slack. */
  head: (Head & { sig: string | null }) | null;
  /** Public keys that may have signed; empty: signatures are not checked. */
  keys: readonly Verifier[];
}

export interface Verified {
  entries: number;
  first: (Head & { at: number }) | null;
  last: (Head & { at: number }) | null;
  findings: readonly Finding[];
}

/** How many findings are named. */
const MOST = 1000;

/** Whether everything is as flinkops wrote it. */
export const isWhole = ({ findings }: Verified): boolean => findings.every(({ is }) => is === "note");

/**
 * Checks a chain from files alone. `sources`: the lines of one export or file each; together they make one chain, and
 * an entry may be in several of them.
 */
export function verify(sources: readonly (readonly string[])[], { head, keys }: Against): Verified {
  const findings: Finding[] = [];
  const found = new Map<number, ReadLink>();
  for (const [i, lines] of sources.entries())
    findings.push(...readInto(found, lines, sources.length === 1 ? "" : `source ${i + 1}, `));
  const chain = [...found.values()].toSorted((a, z) => a.n - z.n);
  findings.push(...links(chain), ...twice(chain), ...unsealed(chain), ...signatures(chain, keys));
  if (head !== null) findings.push(...againstHead(chain, head, keys));
  const [first, last] = [chain[0], chain.at(-1)].map((read) =>
    read === undefined ? null : { n: read.n, hash: read.hash, at: read.at },
  );
  return {
    entries: chain.length,
    first: first ?? null,
    last: last ?? null,
    findings: findings.slice(0, MOST),
  };
}

/** Reads the lines of one source in their order. */
function readInto(found: Map<number, ReadLink>, lines: readonly string[], source: string): Finding[] {
  const findings: Finding[] = [];
  const again = new Set<number>();
  let newest = 0;
  for (const [i, line] of lines.entries()) {
    const at = `${source}line ${i + 1}`;
    const read = readLink(line);
    if (read === null) {
      const finding = notALink(line, lines[i + 1], at);
      if (finding !== null) findings.push(finding);
      continue;
    }
    const { n } = read;
    if (!read.whole)
      findings.push({ is: "changed", n, words: `${name(read)} was changed: its hash does not fit (${at})` });
    const before = found.get(n);
    if (before !== undefined && before.hash !== read.hash)
      findings.push({
        is: "inserted",
        n,
        words: `${name(read)} is there twice with different contents; the second was inserted (${at})`,
      });
    else if (before !== undefined && before.sig !== read.sig)
      findings.push({
        is: "signature",
        n,
        words: `${name(read)} is there twice with different signatures; one of them was changed (${at})`,
      });
    else if (before !== undefined) again.add(n);
    else if (n < newest)
      findings.push({ is: "reordered", n, words: `${name(read)} comes after entry ${newest} (${at})` });
    newest = Math.max(newest, n);
    if (before === undefined) found.set(n, read);
  }
  const [least] = [...again].toSorted((a, z) => a - z);
  if (least !== undefined)
    findings.push({
      is: "note",
      n: least,
      words: `${again.size} ${again.size === 1 ? "entry is" : "entries are"} there more than once, the first is ${least}: sinks get entries at least once`,
    });
  return findings;
}

/** A line that is no entry of the chain: the note about a torn line, the torn line itself, or something inserted. */
function notALink(line: string, next: string | undefined, at: string): Finding | null {
  if (line.trim() === "" || jsonObject(line)?.["torn"] !== undefined) return null;
  if (next !== undefined && jsonObject(next)?.["torn"] === sha256(line))
    return {
      is: "note",
      n: null,
      words: `${at} is the beginning of an entry, as a crash leaves it; the whole entry follows`,
    };
  return { is: "inserted", n: null, words: `${at} is not an entry of this audit log` };
}

/** Whether each entry follows the one before. */
function links(chain: readonly ReadLink[]): Finding[] {
  const findings: Finding[] = [];
  const [first] = chain;
  if (first !== undefined && first.n > 1)
    findings.push({
      is: "note",
      n: first.n,
      words: `it begins with entry ${first.n}; the earlier ones are not in it`,
    });
  if (first?.n === 1 && first.prev !== GENESIS.hash)
    findings.push({ is: "changed", n: 1, words: `${name(first)} does not begin a chain of flinkops` });
  for (const [i, read] of chain.slice(1).entries()) {
    const before = chain[i];
    if (before === undefined) continue;
    if (read.n !== before.n + 1) {
      const [from, to] = [before.n + 1, read.n - 1];
      findings.push({
        is: "cut",
        n: from,
        words: `${missing(from, to)}, between ${time(before)} and ${time(read)}`,
      });
    } else if (read.prev !== before.hash)
      findings.push({
        is: "changed",
        n: read.n,
        words: `${name(read)} does not follow entry ${before.n}: one of the two was replaced`,
      });
  }
  return findings;
}

/** One entry under two numbers: somebody copied it before it was chained. */
function twice(chain: readonly ReadLink[]): Finding[] {
  const seen = new Map<string, number>();
  return chain.flatMap((read): Finding[] => {
    const before = seen.get(read.sha256);
    seen.set(read.sha256, before ?? read.n);
    return before === undefined || read.sha256 === ""
      ? []
      : [{ is: "repeated", n: read.n, words: `${name(read)} repeats entry ${before}: it was copied` }];
  });
}

function unsealed(chain: readonly ReadLink[]): Finding[] {
  const marked = chain.filter((read) => read.unsealed);
  const [first, last] = [marked[0], marked.at(-1)];
  return first === undefined || last === undefined
    ? []
    : [
        {
          is: "note",
          n: first.n,
          words: `${marked.length} ${marked.length === 1 ? "entry" : "entries"} between ${first.n} and ${last.n} had no seal when they were chained: an older version of flinkops wrote them, or someone else`,
        },
      ];
}

function signatures(chain: readonly ReadLink[], keys: readonly Verifier[]): Finding[] {
  if (keys.length === 0) return [];
  const findings = chain.flatMap((read): Finding[] => {
    if (read.sig === null) return [];
    const verdict = judge(read, read.sig, keys);
    return verdict === "good"
      ? []
      : [{ is: "signature", n: read.n, words: `the signature of ${name(read)} is ${verdict}` }];
  });
  const last = chain.at(-1);
  const signed = chain.findLast(({ sig }) => sig !== null);
  if (last !== undefined && signed?.n !== last.n)
    findings.push({
      is: "signature",
      n: last.n,
      words: `nothing after ${signed === undefined ? "the beginning" : `entry ${signed.n}`} is signed`,
    });
  return findings;
}

/** One good signature vouches for its entry and for all before it. */
function judge(head: Head, sig: string, keys: readonly Verifier[]): string {
  const verdicts = keys.map((key) => key.judge(statement(head), sig));
  if (verdicts.includes("good")) return "good";
  return verdicts.includes("bad") ? "wrong: the entry or one before it was changed" : "by another key";
}

function againstHead(
  chain: readonly ReadLink[],
  head: NonNullable<Against["head"]>,
  keys: readonly Verifier[],
): Finding[] {
  const findings: Finding[] = [];
  if (head.sig !== null && keys.length > 0) {
    const verdict = judge(head, head.sig, keys);
    if (verdict !== "good")
      findings.push({ is: "signature", n: head.n, words: `the signature of the given head is ${verdict}` });
  }
  const last = chain.at(-1);
  const same = chain.find(({ n }) => n === head.n);
  if (last === undefined || last.n < head.n)
    findings.push({
      is: "cut",
      n: (last?.n ?? 0) + 1,
      words: `${missing((last?.n ?? 0) + 1, head.n)}: the end was cut off${last === undefined ? "" : `, after ${time(last)}`}`,
    });
  else if (same === undefined)
    findings.push({ is: "wrong head", n: head.n, words: `entry ${head.n} of the given head is not in it` });
  else if (same.hash !== head.hash)
    findings.push({
      is: "wrong head",
      n: head.n,
      words: `${name(same)} is not the one of the given head: it, or entries before it, were rewritten`,
    });
  return findings;
}

const missing = (from: number, to: number): string =>
  from === to ? `entry ${from} is missing` : `entries ${from} to ${to} are missing`;
const time = ({ at }: Pick<ReadLink, "at">): string => isoTime(at);
const name = (read: ReadLink): string => `entry ${read.n} (${time(read)})`;
