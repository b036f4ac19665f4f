import type { Random } from "../simulate/random.ts";

/** In no text that a person sees, wherever it came in behind a name that says secret. */
export const CANARY = "hunter2CANARY";
export const SECRETS: readonly string[] = [
  ` password=${CANARY} `,
  ` --db-password ${CANARY}`,
  ` https://user:${CANARY}@host/path `,
  ` {"secret_key": "${CANARY}"}`,
];

/** Texts that mean something to somebody: Slack, Java, JavaScript, a shell, a terminal, a spreadsheet. */
const TEXTS: readonly string[] = [
  "",
  " ",
  "\0",
  "\n",
  "\r\n",
  "\t",
  "\u00a0",
  "\ud83d",
  "\udc00x",
  "\u202e",
  "\u2066",
  "\u200b",
  "\u200d",
  "\ufeff",
  "\u2028",
  "אבג",
  "ﷺ",
  "é",
  "e\u0301\u0301\u0301",
  "👩‍👩‍👧",
  "漢字",
  "İıſK",
  "“",
  "—",
  "‘’",
  "<!channel>",
  "<@U0EVE00001>",
  "<#C1|ops>",
  "<https://evil.example|ok>",
  "&amp;lt;",
  "&",
  "<",
  ">",
  "|",
  "*x*",
  "_",
  "~",
  "`",
  "```",
  ":fire:",
  '"',
  "'",
  "\\",
  "%00",
  "%2e%2e/",
  "../..",
  "://",
  "//",
  "/",
  "=",
  "--",
  "-",
  "-1",
  "0",
  "1e999",
  "null",
  "true",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "$ref",
  "{cluster}",
  "${x}",
  "{",
  "}",
  "[",
  "]",
  "(",
  "^",
  "=cmd()",
  "javascript:alert(1)",
  "java.lang.IllegalStateException: boom\n\tat org.apache.flink.A.b(A.java:12)\nCaused by: java.io.IOException: x",
  "\n\tat java.lang.Thread.run(Thread.java:834)\n",
];

/** Short pieces, of which a long one shows what takes more than linear time. */
const UNITS = [
  " ",
  "a",
  "a:",
  "a.b.C: ",
  "\n",
  "\tat a(",
  "-",
  "=",
  '"',
  "\\",
  "x@",
  "/",
  "[",
  "{",
  "<",
  "é",
  "\ud83d",
  "password=",
  "A1",
];

export const nastyText = (random: Random): string => {
  const chance = random.next();
  if (chance < 0.85) return random.pick(TEXTS);
  if (chance < 0.93) return random.pick(TEXTS).repeat(random.whole(2, 60));
  if (chance < 0.99) return random.pick(UNITS).repeat(random.whole(50, 3_000));
  return random.pick(UNITS).repeat(random.whole(3_000, 60_000));
};

const NUMBERS: readonly number[] = [
  0,
  -0,
  1,
  -1,
  2,
  0.5,
  1.5,
  127,
  128,
  999,
  1000,
  1023,
  1024,
  32_767,
  32_768,
  32_769,
  59_999,
  60_000,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  1_795_341_600_000,
  8.64e15,
  8.64e15 + 1,
  -8.64e15 - 1,
  2 ** 53 - 1,
  2 ** 53,
  2 ** 63,
  -(2 ** 63),
  1e21,
  1e300,
  -1e300,
  1e-300,
  Number.MAX_VALUE,
];
export const nastyNumber = (random: Random): number => random.pick(NUMBERS);

/** Names that are also JavaScript's. */
const KEYS = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "valueOf",
  "hasOwnProperty",
  "length",
  "then",
  "toJSON",
  "0",
  "-1",
  "",
  " ",
  "is",
  "kind",
  "\0",
  "é",
];
export const nastyKey = (random: Random): string => random.pick(KEYS);

/** A text after a few edits of the kinds that typing, cutting and copying make. */
export function alteredText(text: string, random: Random): string {
  let out = text;
  for (let n = random.pick([1, 1, 1, 2, 3]); n > 0; n -= 1) out = edited(out, random);
  return out;
}

function edited(text: string, random: Random): string {
  const at = random.whole(0, text.length);
  const to = Math.min(text.length, at + random.whole(0, 12));
  const [before, some, after] = [text.slice(0, at), text.slice(at, to), text.slice(to)];
  switch (random.whole(0, 8)) {
    case 0:
      return before + after;
    case 1:
      return before + some + some + after;
    case 2:
      return before.slice(0, random.whole(0, before.length)) + some + before + after;
    case 3:
      return before;
    case 4:
      return random.happens(0.5) ? text.toUpperCase() : text.toLowerCase();
    case 5:
      return text.replaceAll(" ", random.pick(["\u00a0", "\t", "  ", "\n", "", "\u2003"]));
    case 6:
      return before + nastyText(random) + after;
    case 7:
      return text.replace("--", random.pick(["—", "–", "−−", "-", "―"]));
    default:
      return before + nastyText(random) + some + after;
  }
}
