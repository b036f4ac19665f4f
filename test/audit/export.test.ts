import { expect, it } from "vitest";
import { readLink } from "../../src/audit/chain.ts";
import { csvCell, csvHead, csvRow, exported } from "../../src/audit/export.ts";
import { aChain, anEntry } from "./an-entry.ts";
import { streamOf } from "./doubles.ts";

const HOUR = 3_600_000;
/** One entry an hour. */
const lines = aChain(Array.from({ length: 1200 }, (_, i) => anEntry(i, i * HOUR)));
const numbers = async (from: number | null, to: number | null, all = lines): Promise<number[]> => {
  const found: number[] = [];
  for await (const batch of exported(streamOf(all), { from, to }))
    found.push(...batch.map((line) => readLink(line)?.n ?? 0));
  return found;
};

it("exports everything, or the entries of a time without a hole", async () => {
  expect(await numbers(null, null)).toHaveLength(1200);
  expect(await numbers(5 * HOUR, 8 * HOUR)).toEqual([6, 7, 8]);
  expect(await numbers(5 * HOUR - 1, 8 * HOUR + 1)).toEqual([6, 7, 8, 9]);
  expect(await numbers(600 * HOUR, 1190 * HOUR)).toHaveLength(590);
  expect(await numbers(null, 2 * HOUR)).toEqual([1, 2]);
  expect(await numbers(1198 * HOUR, null)).toEqual([1199, 1200]);
  expect(await numbers(5000 * HOUR, null)).toEqual([]);
  expect(await numbers(null, null, [])).toEqual([]);
});

it("begins with what is left of a chain", async () => {
  expect(await numbers(0, 703 * HOUR, lines.slice(700))).toEqual([701, 702, 703]);
});

it("keeps entries that were committed a moment out of order", async () => {
  const odd = aChain([
    anEntry(1, 10 * HOUR),
    anEntry(2, 11 * HOUR + 5),
    anEntry(3, 11 * HOUR - 1),
    anEntry(4, 20 * HOUR),
  ]);
  expect(await numbers(null, 11 * HOUR, odd)).toEqual([1, 2, 3]);
});

it.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])(
  "writes %j so that no spreadsheet runs it",
  (text) => {
    expect(csvCell(text).replace(/^"/u, "")).toMatch(/^'/u);
  },
);

it.each([
  ["plain", "plain"],
  ['a "b"', '"a ""b"""'],
  ["a,b", '"a,b"'],
  ["a\nb", '"a\nb"'],
  ["=a,b", `"'=a,b"`],
  ["", ""],
])("writes %j as %j", (text, cell) => expect(csvCell(text)).toBe(cell));

it("writes a row per entry, with the whole entry at its end", () => {
  const [line = ""] = lines;
  const row = csvRow(line);
  expect(row.startsWith("1,1970-01-01T00:00:00.000Z,policy loaded,")).toBe(true);
  expect(row.endsWith(`,${csvCell(line)}`)).toBe(true);
  expect(csvHead.split(",")).toHaveLength(17);
});
