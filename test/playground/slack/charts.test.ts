import { expect, test } from "vitest";
import { SlackRefusal } from "../../../playground/slack/refusal.ts";
import { checkBlocks, checkModal } from "../../../playground/slack/validate/message.ts";

const labels = (count: number) => Array.from({ length: count }, (_, i) => `#${i}`);
const series = (name = "Size", of = labels(2), value: unknown = 1) => ({
  name,
  data: of.map((label) => ({ label, value })),
});
const bars = (more: object = {}) => ({
  type: "bar",
  series: [series()],
  axis_config: { categories: labels(2) },
  ...more,
});
const block = (chart: object = bars(), title = "Size") => ({ type: "data_visualization", title, chart });
const pie = (value: number) => ({ type: "pie", segments: [{ label: "a", value }] });

const problem = (run: () => unknown): string => {
  try {
    run();
    return "none";
  } catch (error) {
    if (!(error instanceof SlackRefusal)) throw error;
    return JSON.stringify(error.extra);
  }
};

test("takes what is at the limit", () => {
  const most = bars({
    type: "line",
    series: labels(6).map((name) => series(name, labels(20))),
    axis_config: { categories: labels(20), x_label: "x".repeat(50), y_label: "x".repeat(50) },
  });
  expect(checkBlocks([block(most, "x".repeat(50)), block(pie(1))], "message")).toHaveLength(2);
});

test.each<[string, unknown[], string]>([
  ["three charts", [block(), block(), block()], "only two data visualizations"],
  ["a title of 51", [block(bars(), "x".repeat(51))], "less than 51 characters"],
  ["another kind of chart", [block(bars({ type: "radar" }))], "unsupported type"],
  ["no series", [block(bars({ series: [] }))], "no fewer than 1 items"],
  ["seven series", [block(bars({ series: labels(7).map((name) => series(name)) }))], "no more than 6 items"],
  ["two series of one name", [block(bars({ series: [series(), series()] }))], "names must be unique"],
  ["a name of 21", [block(bars({ series: [series("x".repeat(21))] }))], "less than 21 characters"],
  [
    "21 categories",
    [block(bars({ series: [series("a", labels(21))], axis_config: { categories: labels(21) } }))],
    "no more than 20 items",
  ],
  ["a category without a value", [block(bars({ series: [series("a", labels(1))] }))], "for each category"],
  [
    "categories in another order",
    [block(bars({ series: [series("a", labels(2).toReversed())] }))],
    "for each category",
  ],
  ["a value that is no number", [block(bars({ series: [series("a", labels(2), Number.NaN)] }))], "number"],
  ["a share of nothing", [block(pie(0))], "pie"],
  ["no axes", [block({ type: "bar", series: [series()] })], "missing required field: axis_config"],
])("refuses %s", (_, blocks, words) => {
  const said = problem(() => checkBlocks(blocks, "message"));
  expect(said).not.toBe("none");
  expect(said).toContain(words === "pie" ? "segments/0/value" : words);
});

test("a modal has none", () => {
  const modal = { type: "modal", title: { type: "plain_text", text: "x" }, blocks: [block()] };
  expect(problem(() => checkModal(modal))).toContain("unsupported type");
});
