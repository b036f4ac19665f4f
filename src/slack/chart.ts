import type { Chart } from "../model/report.ts";
import { tame } from "./escape.ts";
import { truncate } from "./limits.ts";

/**
 * Slack's chart, which `@slack/types` does not know yet.
 * https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block
 */
export interface ChartBlock {
  type: "data_visualization";
  title: string;
  chart: {
    type: "bar";
    series: { name: string; data: { label: string; value: number }[] }[];
    axis_config: { categories: string[]; x_label: string; y_label: string };
  };
}

/** Slack's limits. A message has at most two charts. */
export const CHARTS = 2;
const TITLE = 50;
const LABEL = 20;
const CATEGORIES = 20;

/** The chart as Slack's own block. Null: it has no bars, or is more than Slack takes. */
export function chartBlock({ title, quantity, of, bars }: Chart): ChartBlock | null {
  const data = bars.map(({ label, value }) => ({ label: shown(label, LABEL), value }));
  const categories = data.map(({ label }) => label);
  if (data.length === 0 || data.length > CATEGORIES || new Set(categories).size < data.length) return null;
  if (!data.every(({ value }) => Number.isFinite(value))) return null;
  return {
    type: "data_visualization",
    title: shown(title, TITLE),
    chart: {
      type: "bar",
      series: [{ name: shown(quantity, LABEL), data }],
      axis_config: { categories, x_label: shown(of, TITLE), y_label: shown(title, TITLE) },
    },
  };
}

/** Slack interprets nothing in a chart. */
const shown = (text: string, most: number): string => truncate(tame(text), most);
