import { z } from "zod";
import { givenId } from "./text.ts";

// https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block

const label = z.string().min(1).max(20);
const point = z.strictObject({ label, value: z.number() });

/** Each series has one value for each category, in their order. */
const axes = <const T extends "line" | "bar" | "area">(type: T) =>
  z
    .strictObject({
      type: z.literal(type),
      series: z
        .array(z.strictObject({ name: label, data: z.array(point).min(1).max(20) }))
        .min(1)
        .max(6),
      axis_config: z.strictObject({
        categories: z.array(label).min(1).max(20),
        x_label: z.string().max(50).optional(),
        y_label: z.string().max(50).optional(),
      }),
    })
    .refine(({ series }) => new Set(series.map(({ name }) => name)).size === series.length, {
      message: "series names must be unique",
    })
    .refine(
      ({ series, axis_config: { categories } }) =>
        series.every(
          ({ data }) =>
            data.length === categories.length && data.every((one, i) => one.label === categories[i]),
        ),
      { message: "each series must have one value for each category, in their order" },
    );
const pie = z.strictObject({
  type: z.literal("pie"),
  segments: z.array(z.strictObject({ label, value: z.number().positive() })).min(1),
});

/** A chart; a message has at most two. */
export const dataVisualization = z.strictObject({
  type: z.literal("data_visualization"),
  block_id: givenId.optional(),
  title: z.string().min(1).max(50),
  chart: z.discriminatedUnion("type", [axes("line"), axes("bar"), axes("area"), pie]),
});
