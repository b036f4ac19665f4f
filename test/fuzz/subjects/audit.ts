import { csvRow } from "../../../src/audit/export.ts";
import { GENESIS, type Head, link, parseHead, readLink } from "../../../src/audit/chain.ts";
import { isWhole, verify } from "../../../src/audit/verify.ts";
import { createSigner, createVerifier, type Verifier } from "../../../src/platform/signing.ts";
import { anEntry } from "../../audit/an-entry.ts";
import type { Random } from "../../simulate/random.ts";
import { mutated } from "../mutate.ts";
import { alteredText, nastyText } from "../nasty.ts";
import { must, refused, type Subject, subject, understood } from "../subject.ts";
import { fit } from "../words.ts";

/** A key as `flinkops audit new-key` prints one, always the same. */
const KEY = "flinkops_audit_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const sign = createSigner(KEY);
const verifier = createVerifier(sign.publicKey);
const KEYS: readonly Verifier[] = verifier === null ? [] : [verifier];

/** The right lines, each signed or not, by whether its number is even. */
const LINES: readonly string[] = (() => {
  let head: Head = GENESIS;
  return Array.from({ length: 12 }, (_, i) => {
    const next = link(anEntry(i + 1), head, {
      sign: i % 2 === 1 ? sign : null,
      sealed: i === 4 ? "no" : "yes",
    });
    head = next;
    return next.line;
  });
})();
/** The same without its own signature: a later one vouches for it. */
const WRITTEN = new Set(LINES.flatMap((line) => [line, line.replace(/,"sig":"[^"]*"\}$/u, "}")]));
const LAST = readLink(LINES.at(-1) ?? "");

interface Export {
  sources: string[][];
  withHead: boolean;
  head: string;
}

function altered(line: string, random: Random): string {
  if (random.happens(0.4)) return alteredText(line, random);
  if (random.happens(0.2)) return nastyText(random);
  return JSON.stringify(mutated(readLink(line)?.entry ?? line, random, { shapes: 0.3, most: 2 }));
}

/** What may happen to a file on its way. */
function travelled(lines: readonly string[], random: Random): string[] {
  const out = [...lines];
  for (let n = random.pick([0, 0, 1, 1, 2]); n > 0; n -= 1) {
    const i = random.whole(0, out.length - 1);
    const line = out[i] ?? "";
    random.pick<() => unknown>([
      () => out.splice(i, 1),
      () => out.splice(i, 1, altered(line, random)),
      () => out.splice(i, 0, altered(line, random)),
      () => out.splice(i, 0, line),
      () => out.splice(0, i),
      () => out.splice(i),
      () => out.splice(i, 1, "", line),
      () => out.reverse(),
    ])();
  }
  return out;
}

/** The texts of a row as a spreadsheet reads them (RFC 4180): a comma in quotes begins no cell. */
const cellsOf = (row: string): string[] =>
  [...row.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/gu)].map(([, quoted, bare]) =>
    (quoted ?? bare ?? "").replaceAll('""', '"'),
  );

/** The product's side, so that a test can break it. */
const product = { verify };

/** Exported audit logs that somebody had in their hands. */
export const audit = (door: typeof product = product): Subject =>
  subject({
    name: "audit",
    make(random): Export {
      const parts = random.happens(0.8) ? [LINES] : [LINES.slice(0, 7), LINES.slice(5)];
      const head = `${LAST?.n}:${LAST?.hash}`;
      return {
        sources: parts.map((part) => travelled(part, random)),
        withHead: random.happens(0.7),
        head: random.happens(0.9) ? head : alteredText(head, random),
      };
    },
    judge({ sources, withHead, head: text }) {
      const head = withHead ? parseHead(text) : null;
      const verified = door.verify(sources, { head, keys: KEYS });
      for (const { words } of verified.findings) fit(words, { most: 500, echo: true });
      for (const line of sources.flat())
        for (const cell of cellsOf(csvRow(line)))
          must(!/^[=+\-@\t\r]/u.test(cell), () => `a cell that a spreadsheet runs: ${cell}`);
      const rows = sources.flat().filter((line) => line.trim() !== "" && !line.includes('"torn"'));
      const foreign = rows.find((line) => !WRITTEN.has(line));
      if (!isWhole(verified)) return refused(verified.findings.find(({ is }) => is !== "note")?.is ?? "");
      must(foreign === undefined, () => `a line that flinkops never wrote passes: ${foreign}`);
      const numbers = [...new Set(rows.map((line) => readLink(line)?.n ?? 0))].toSorted((a, z) => a - z);
      must(
        numbers.every((n, i) => i === 0 || n === (numbers[i - 1] ?? 0) + 1),
        () => `there is a hole in ${numbers.join(", ")}`,
      );
      if (head !== null) must(numbers.includes(head.n), () => "the end was cut off and nobody says so");
      return understood(`whole, from ${numbers[0] ?? "nothing"}`);
    },
  });
