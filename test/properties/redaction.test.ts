import fc from "fast-check";
import { expect, test } from "vitest";
import { redact, redactArguments, RULES, secretIn } from "../../src/platform/redact.ts";
import { plainSamples, secretSamples } from "../samples/samples.ts";

const LETTERS = "abcdefghijklmnopqrstuvwxyz";
const of = (alphabet: string, minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...Array.from(alphabet)), minLength, maxLength });
/** As people choose them, without what would end the value: blanks, quotes, a mark that another name follows. */
const password = of(`${LETTERS}${LETTERS.toUpperCase()}0123456789/@:#!^+_~|-`, 8, 24)
  .filter((s) => /\d/u.test(s) && /[a-z]/u.test(s))
  .filter((s) => /^[A-Za-z]/u.test(s) && !s.includes("://"));
const hex = (length: number) => of("0123456789abcdef", length, length);
const issued = fc.oneof(
  of("0123456789abcdef", 32, 40).map((s) => `ghp_${s}`),
  of("0123456789", 10, 14).map((s) => `xoxb-${s}-${s}`),
  of("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16, 16).map((s) => `AKIA${s}`),
  hex(32).map((s) => `dapi${s}`),
  fc
    .tuple(of(`${LETTERS}0123456789`, 10, 30), of(`${LETTERS}0123456789_-`, 10, 40))
    .map(([a, b]) => `eyJ${a}.eyJ${b}.${a}`),
  of(`${LETTERS}0123456789-`, 20, 30).map((s) => `glpat-${s}`),
);

/** Where a secret may stand; `s` is put in as it is. */
const PLACES: readonly ((s: string) => string)[] = [
  (s) => `password=${s}`,
  (s) => `db.password = ${s}`,
  (s) => `password: ${s}`,
  (s) => `password: '${s}'`,
  (s) => `"password":"${s}"`,
  (s) => `{\\"client_secret\\":\\"${s}\\"}`,
  (s) => `apiKey => ${s}`,
  (s) => `--db-password ${s}`,
  (s) => `--db-password="${s}"`,
  (s) => `["--db-password","${s}"]`,
  (s) => `[--db-password, ${s}, --x]`,
  (s) => `-Ds3.secret-key=${s}`,
  (s) => `https://svc:${s}@store.example/b`,
  (s) => `redis://:${s}@redis:6379`,
  (s) => `jdbc:mysql://db/x?user=a&password=${s}&y=1`,
  (s) => `Server=db;Password=${s};Timeout=3`,
  (s) => `Authorization: Bearer ${s.replaceAll(/[^\w.]/gu, "x")}`,
  (s) => `org.x.PlainLoginModule required username="a" password="${s}";`,
  (s) => `<password>${s}</password>`,
  (s) => `{"key":"s3.secret-key","value":"${s}"}`,
  (s) => `MYSQL_PWD=${s}`,
  (s) => `fs.azure.account.key.acme.blob.core.windows.net=${s}`,
  (s) => `ALTER USER a IDENTIFIED BY '${s}'`,
];
const around = fc.oneof(
  fc
    .array(
      fc.constantFrom(
        "orders",
        "failed",
        "3f9c",
        "{",
        "}",
        "[",
        ")",
        "=",
        ":",
        "—",
        "{a=b,",
        "at x.Y(Z.java:1)",
        "\n",
      ),
      {
        maxLength: 6,
      },
    )
    .map((all) => all.join(" ")),
  fc.constantFrom(...plainSamples),
  fc.constantFrom(...secretSamples.map((s) => s.text)),
  fc.string({ maxLength: 20 }),
);

/** No six characters of it that did not stand elsewhere as well. */
const survives = (secret: string, shown: string, elsewhere: string): boolean =>
  Array.from({ length: secret.length - 5 }, (_, i) => secret.slice(i, i + 6)).some(
    (part) => shown.includes(part) && !elsewhere.includes(part),
  );

test("no part of a password survives, wherever it is and whatever is around it", () => {
  fc.assert(
    fc.property(password, fc.constantFrom(...PLACES), around, around, (secret, place, before, after) => {
      const held = place(secret).includes(secret) ? secret : secret.replaceAll(/[^\w.]/gu, "x");
      const text = `${before}\n${place(secret)} ${after}`;
      expect(survives(held, redact(text), `${before}${after}${place("")}`)).toBe(false);
    }),
    { numRuns: 1500 },
  );
});

test("a token with its issuer's mark survives nowhere", () => {
  fc.assert(
    fc.property(
      issued,
      around,
      around,
      fc.constantFrom(" ", "'", '"', "\n", "(", "/", "=", ">"),
      (token, a, z, mark) => {
        const shown = redact(`${a}${mark}${token}${mark}${z}`);
        expect(shown).not.toContain(token.slice(5));
      },
    ),
    { numRuns: 1500 },
  );
});

test("the same again changes nothing, and no text makes it throw", () => {
  const marks = [
    "***",
    "password=",
    '"',
    "'",
    "\\",
    "[",
    "{",
    "@",
    "://",
    ":",
    "=",
    ",",
    "&",
    "\n",
    " ",
    "--token",
  ];
  const pieces = fc.constantFrom(...secretSamples.map((s) => s.text), ...marks, "Bearer ");
  const text = fc.oneof(
    fc.array(pieces, { maxLength: 6 }).map((all) => all.join("")),
    fc.string({ unit: "binary", maxLength: 80 }),
  );
  fc.assert(
    fc.property(text, (input) => {
      const once = redact(input);
      expect(redact(once)).toBe(once);
    }),
    { numRuns: 1000 },
  );
});

test("ids, digests and paths stay as they are, whatever they are made of", () => {
  const name = of(`${LETTERS}0123456789-_`, 1, 16);
  const path = fc
    .tuple(
      fc.constantFrom("s3://", "hdfs://", "gs://", "file:///"),
      name,
      fc.array(name, { maxLength: 6 }),
      hex(6),
      hex(12),
    )
    .map(
      ([scheme, bucket, folders, job, id]) =>
        `${scheme}${[bucket, ...folders].join("/")}/savepoint-${job}-${id}`,
    );
  const id = fc.oneof(
    hex(32),
    hex(40),
    hex(64),
    hex(128),
    fc.uuid(),
    path,
    hex(31).map((s) => `r${s}`),
  );
  const words = fc.constantFrom(
    "job %",
    "%",
    "id=%",
    "key=%",
    "path: %",
    "at %,",
    '{"id":"%"}',
    "(%)",
    "see % now",
  );
  fc.assert(
    fc.property(id, words, (value, sentence) => {
      const text = sentence.replace("%", value);
      expect(redact(text)).toBe(text);
    }),
    { numRuns: 1500 },
  );
});

test("of a program's arguments none that follows an option for a secret survives", () => {
  const option = fc.constantFrom(
    "--db-password",
    "--api-key",
    "--clientSecret",
    "-token",
    "--db.pass",
    "--secret",
  );
  fc.assert(
    fc.property(
      fc.array(fc.string({ maxLength: 8 })),
      option,
      password,
      fc.array(fc.string({ maxLength: 8 })),
      (a, o, s, z) => {
        const args = [...a, o, s, ...z];
        const clean = redactArguments(args);
        expect(clean).toHaveLength(args.length);
        expect(clean[a.length + 1]).toBe("***");
        expect(secretIn(args)).not.toBeNull();
        expect(secretIn(args)).not.toContain(s);
      },
    ),
    { numRuns: 800 },
  );
});

test("every rule has a name of its own and says why it is there", () => {
  expect(new Set(RULES.map((r) => r.name)).size).toBe(RULES.length);
  expect(RULES.filter((r) => r.why.length < 10)).toEqual([]);
});
