import { expect, test } from "vitest";
import { checkpointCharts } from "../../src/operations/facts/checkpoint-charts.ts";
import { aCheckpoint } from "../fakes/flink-reads.ts";

test("duration and size of what was completed, the oldest first, in the unit of the largest", () => {
  const history = [
    aCheckpoint({ id: 9, kind: "in_progress", endToEndMs: null }),
    aCheckpoint({ id: 8, endToEndMs: 90_000, sizeBytes: 2_345_678 }),
    aCheckpoint({ id: 7, kind: "failed" }),
    aCheckpoint({ id: 6, endToEndMs: 600, sizeBytes: 999 }),
  ];
  expect(checkpointCharts(history)).toEqual([
    {
      title: "Duration, min",
      quantity: "Duration",
      of: "Checkpoint",
      bars: [
        { label: "#6", value: 0.01 },
        { label: "#8", value: 1.5 },
      ],
    },
    {
      title: "Size, MB",
      quantity: "Size",
      of: "Checkpoint",
      bars: [
        { label: "#6", value: 0.000999 },
        { label: "#8", value: 2.35 },
      ],
    },
  ]);
});

test("at most 20, and none of a single one", () => {
  const many = Array.from({ length: 30 }, (_, i) => aCheckpoint({ id: 30 - i }));
  const labels = checkpointCharts(many)[0]?.bars.map(({ label }) => label);
  expect([labels?.length, labels?.[0], labels?.at(-1)]).toEqual([20, "#11", "#30"]);
  expect(checkpointCharts(many.slice(0, 1))).toEqual([]);
});

test("nothing of which all are zero", () => {
  const history = [8, 7].map((id) => aCheckpoint({ id, endToEndMs: 0, sizeBytes: 4_100 }));
  expect(checkpointCharts(history).map(({ title }) => title)).toEqual(["Size, kB"]);
});
