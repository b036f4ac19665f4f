import fc from "fast-check";
import { expect, test } from "vitest";
import { parseSavepointDirectory, parseSavepointRoot } from "../../src/model/savepoint-path.ts";
import { liesUnder, plainPath, samePath, UNKNOWN_FILE_SYSTEM } from "../../src/model/state-path.ts";

const ROOTS = [
  "s3://bucket/savepoints",
  "s3://other",
  "file:/var/sp",
  "hdfs://namenode:8020/user/flink",
  "hdfs:///user",
  "abfss://container@account.dfs.core.windows.net/sp",
];

/** What a path is made of, and what is smuggled into one. */
const MADE_OF =
  "s3 S3 file hdfs abfss http s3a : :// :/ :/// / // bucket bucket2 Bucket savepoints savepoints2 var sp user flink namenode:8020 chk-7 r1".split(
    " ",
  );
const SMUGGLED =
  ". .. ... %2e%2e %2f @ a:b@ container@account.dfs.core.windows.net ? #x \\ \u202e \u0000 é ‥ ／ :8020 ' * {a}".split(
    " ",
  );
const pieces = fc.constantFrom(...MADE_OF, ...SMUGGLED, " ");
const typed = fc.oneof(
  fc.array(pieces, { maxLength: 8 }).map((all) => all.join("")),
  fc
    .tuple(fc.constantFrom(...ROOTS), fc.array(pieces, { maxLength: 5 }), fc.constantFrom("", "/"))
    .map(([root, more, between]) => [root, ...more].join(between)),
  fc
    .tuple(fc.constantFrom(...ROOTS), fc.array(fc.stringMatching(/^[\w.-]{1,8}$/u), { maxLength: 4 }))
    .map(([root, more]) => [root, ...more].join("/")),
  fc.string({ unit: "binary", maxLength: 40 }),
);
const roots = fc.subarray(ROOTS);

const parse = (text: string, roots: readonly string[], named: string | null = null) =>
  parseSavepointDirectory(text, { roots, fileSystem: { ...UNKNOWN_FILE_SYSTEM, default: named } });

/** Told apart by plain comparison of text, and by nothing of the code under test. */
const isUnder = (path: string, root: string): boolean =>
  path === root || path.startsWith(root.endsWith("/") ? root : `${root}/`);

test("an accepted path is below a root, part by part, and contains nothing that leads elsewhere", () => {
  let accepted = 0;
  fc.assert(
    fc.property(typed, roots, (text, under) => {
      const parsed = parse(text, under);
      if ("problem" in parsed) {
        expect(parsed.problem).not.toBe("");
        return;
      }
      accepted += 1;
      const path = parsed.ok;
      const root = under.find((r) => isUnder(path, r));
      expect(root, `${path} under ${under.join(", ")}`).toBeDefined();
      expect(liesUnder(path, root ?? "")).toBe(true);
      const parts = path.slice(path.indexOf("://") + 3).split("/");
      expect(parts.filter((part) => part === "." || part === "..")).toEqual([]);
      expect(path).not.toMatch(/[%\\?#\s\p{C}]|\/$/u);
      const [authority = ""] = parts;
      if (authority.includes("@")) expect(path).toMatch(/^abfss:\/\/[a-z0-9$-]+@[a-z0-9.-]+(?:\/|$)/iu);
    }),
    { numRuns: 3000 },
  );
  expect(accepted).toBeGreaterThan(200);
});

test("what is accepted is accepted again, as it is", () => {
  fc.assert(
    fc.property(typed, (text) => {
      const parsed = parse(text, ROOTS);
      if ("problem" in parsed) return;
      expect(parse(parsed.ok, ROOTS)).toEqual(parsed);
      expect(parseSavepointRoot(parsed.ok)).toEqual(parsed);
      expect(samePath(parsed.ok, `${parsed.ok}/`)).toBe(true);
    }),
    { numRuns: 1500 },
  );
});

test("without roots nothing is accepted, and another root's path is not", () => {
  fc.assert(
    fc.property(typed, fc.constantFrom(...ROOTS), (text, root) => {
      expect("problem" in parse(text, [])).toBe(true);
      const parsed = parse(text, [root]);
      const other = ROOTS.find((r) => "ok" in parse(text, [r]));
      if ("problem" in parsed && other !== undefined) expect(isUnder(other, root)).toBe(false);
    }),
    { numRuns: 1500 },
  );
});

test("being below is an order: reflexive and transitive", () => {
  fc.assert(
    fc.property(typed, typed, typed, (a, b, c) => {
      const [x, y, z] = [a, b, c].map((text) => {
        const parsed = parseSavepointRoot(text);
        return "ok" in parsed ? parsed.ok : "s3://bucket/savepoints";
      }) as [string, string, string];
      expect(liesUnder(x, x)).toBe(true);
      expect(liesUnder(`${x.replace(/\/$/u, "")}/more`, x)).toBe(true);
      if (liesUnder(x, y) && liesUnder(y, z)) expect(liesUnder(x, z)).toBe(true);
      if (liesUnder(x, y) && liesUnder(y, x)) expect(x).toBe(y);
    }),
    { numRuns: 1500 },
  );
});

test("a known name node makes one path of two spellings, and accepts nothing of another one", () => {
  const NAMED = "hdfs://namenode:8020";
  const root = fc.constantFrom("hdfs:///user", `${NAMED}/user`, "hdfs:/user");
  const tail = fc.array(fc.constantFrom("user", "userx", "flink", "r1", "savepoint-1"), { maxLength: 4 });
  const start = fc.constantFrom("hdfs:/", "hdfs:///", `${NAMED}/`, "hdfs://other:8020/", "viewfs:///");
  fc.assert(
    fc.property(root, start, tail, (allowed, from, parts) => {
      const text = `${from}${parts.join("/")}`;
      const isSame = !from.startsWith("viewfs:") && !from.includes("other");
      expect("ok" in parse(text, [allowed], NAMED)).toBe(isSame && parts[0] === "user");
      expect(samePath(text, `hdfs:///${parts.join("/")}`, { default: NAMED, entropyKey: null })).toBe(isSame);
      expect(plainPath(plainPath(text))).toBe(plainPath(text));
    }),
    { numRuns: 1500 },
  );
});
