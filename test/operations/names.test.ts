import { describe, expect, test } from "vitest";
import { asTyped, tokenize } from "../../src/command/tokenize.ts";
import { canBeTyped, shownApart, vertexNames } from "../../src/operations/wording/names.ts";
import { difference, skeleton } from "../../src/model/confusable-names.ts";
import { plain } from "../../src/model/text.ts";
import { aJob, aVertex, FakeFlinkReads } from "../fakes/flink-reads.ts";
import { told } from "./ask.ts";
import { Drive } from "./drive.ts";

const LONG = "x".repeat(300);
const id = (i: number): string => String(i).padStart(32, "0");

/** As Flink's planner names them. */
const calc = (i: number): string =>
  `Calc(select=[order_id, customer_id, CAST(amount AS DECIMAL(38, 18)) AS \`amount_${i}\`, (price * 0.98) > 5 AS hot]) -> `
    .repeat(3)
    .slice(0, 300);

describe("names that are too long to be shown whole", () => {
  test.each<[string, readonly string[]]>([
    ["at their ends", Array.from({ length: 40 }, (_, i) => `Calc ${LONG}-${i}`)],
    ["in their middle", Array.from({ length: 40 }, (_, i) => `Calc ${LONG}-${i}-${LONG}`)],
    ["at two places", ["a-a", "a-b", "b-a", "b-b"].map((x) => x.replace(/(.)-(.)/u, `$1${LONG}$2${LONG}`))],
  ])("look different where they differ %s", (_where, names) => {
    const all = [...shownApart(names).values()];
    expect(new Set(all).size).toBe(names.length);
    expect(Math.max(...all.map((one) => Array.from(one).length))).toBeLessThanOrEqual(80);
  });

  test("are shown with both ends, and short ones as they are", () => {
    const [one, other] = shownApart([`Calc ${LONG} end`, "Sink"]).values();
    expect(one).toMatch(/^Calc x+…x+ end$/u);
    expect(other).toBe("Sink");
  });

  test("vertices of one name have their id behind it", () => {
    const all = [aVertex(), aVertex({ id: "bbbb0000ffff" }), aVertex({ id: "c", name: "Sink" })];
    expect([...vertexNames(all).values()]).toEqual(["Source (aaaa0000)", "Source (bbbb0000)", "Sink"]);
  });

  test("a wide job's rows, back-pressure and picture tell its vertices apart", async () => {
    const flink = new FakeFlinkReads();
    const wide = Array.from({ length: 40 }, (_, i) => aVertex({ id: id(i), name: `Calc ${LONG}-${i}` }));
    flink.theJob = aJob({ vertices: wide });
    const said = await told("status orders", flink);
    for (const i of [0, 17, 39]) expect(said).toMatch(new RegExp(`^Calc x+…x+-${i} \\|`, "mu"));
  });

  test("a planner's vertices, which differ somewhere in the middle", async () => {
    const flink = new FakeFlinkReads();
    const wide = Array.from({ length: 45 }, (_, i) => aVertex({ id: id(i), name: calc(i) }));
    flink.theJob = aJob({ vertices: wide });
    const rows = (await told("status orders", flink)).split("\n").filter((row) => row.startsWith("Calc("));
    expect(new Set(rows).size).toBe(40);
    expect(rows[17]).toContain("amount_17`");
    const fits = (await told("metrics orders Calc", flink)).split("\n");
    expect(fits[0]).toBe("Calc matches several vertices.");
    const names = fits.slice(1).map((line) => line.replace(/^• \w+ /u, ""));
    expect(new Set(names).size).toBe(10);
    expect(names[9]).toContain("amount_9`");
  });

  test("and what is offered to be typed is found: the id where the name is shown shortened", async () => {
    const flink = new FakeFlinkReads();
    flink.theJob = aJob({
      vertices: [aVertex({ name: `Calc ${LONG}` }), aVertex({ id: "b", name: "Sink" })],
    });
    const said = await new Drive("scale orders 2 --vertex Nothing", flink).refusal();
    expect(said).toContain("--vertex aaaa0000000000000000000000000001 Calc xxx");
    expect(said).toContain('--vertex "Sink"');
  });
});

describe("a name as it is typed", () => {
  test.each([
    "orders",
    "a  b",
    "it's",
    'a "q" b',
    "C:\\jobs",
    "--all",
    "—x",
    "日本 😀",
    "<!channel>",
    "a&lt;b",
  ])("%j can be, and arrives as it is", (name) => {
    expect(canBeTyped(name)).toBe(true);
  });

  test.each([" padded", "padded ", "line\nbreak", "a\ttab", "“quoted”", "zero\u200bwidth"])(
    "%j cannot be",
    (name) => {
      expect(canBeTyped(name)).toBe(false);
    },
  );

  test.each([
    ["live/orders", "live/orders"],
    ["live/a  b", '"live/a  b"'],
    ['"b', '"\\"b"'],
    ["--all", '"--all"'],
  ])("%s is written as %s", (name, typed) => {
    expect(asTyped(name)).toBe(typed);
    expect(tokenize(typed)).toMatchObject({ is: "words", words: [{ text: name }] });
  });
});

describe("names that look alike", () => {
  test.each([
    ["a b", "a\nb", "it has a line break in it"],
    ["a b", "a\tb", "it has a tab in it"],
    ["ab", "a\u200bb", "it has an invisible character in it"],
    ["a b", " a b", "it begins or ends with a space"],
    ["a b", "a  b", "it has several spaces in a row"],
    ['"a"', "“a”", "its spaces or quotes are different characters"],
    ["a b", "a\u00a0b", "its spaces or quotes are different characters"],
    ["orders", "Orders", "it differs in case"],
    ["orders", "оrders", "its letters differ"],
  ])("%j and %j: %s", (typed, name, how) => {
    expect(skeleton(typed)).toBe(skeleton(name));
    expect(difference(typed, name)).toBe(how);
  });

  test("others do not", () => {
    expect(difference("orders", "orders")).toBeNull();
    expect(difference("orders", "payments")).toBeNull();
  });
});

test("a finding names the vertex that it means", async () => {
  const flink = new FakeFlinkReads();
  const vertices = [1, 2].map((i) =>
    aVertex({
      id: id(i),
      name: `Calc ${LONG}-${i}`,
      parallelism: 8,
      maxParallelism: 8,
    }),
  );
  flink.theJob = aJob({ vertices: vertices.map((v) => ({ ...v, tasksRunning: 8, tasksTotal: 8 })) });
  const said = await told("diagnose orders", flink);
  expect(said).toMatch(/-1 runs at its maximum parallelism/u);
  expect(said).toMatch(/-2 runs at its maximum parallelism/u);
  expect(plain(said)).not.toContain(LONG);
});
