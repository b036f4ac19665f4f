import { InMemoryMetricExporter, AggregationTemporality } from "@opentelemetry/sdk-metrics";
import { afterEach, expect, it } from "vitest";
import type { Reading } from "../../src/model/measures.ts";
import { type Pushing, pushing } from "../../src/telemetry/pushed.ts";

const open: Pushing[] = [];

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

/** A process that pushes; \`sent\` pushes once more and returns what was in that push, by name. */
function pushed(read: () => readonly Reading[]) {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const one = pushing(
    exporter,
    { version: "1.2.3", process: "p1" },
    async () => await Promise.resolve(read()),
  );
  open.push(one);
  return {
    measures: one.measures,
    sent: async () => {
      exporter.reset();
      await one.push();
      const metrics = exporter.getMetrics().flatMap((m) => m.scopeMetrics.flatMap((scope) => scope.metrics));
      return new Map(metrics.map((m) => [m.descriptor.name, m.dataPoints.map((p) => p.value)]));
    },
  };
}

it("durations and counts add up from push to push", async () => {
  const { measures, sent } = pushed(() => []);
  measures.count("flinkops.forged");
  expect((await sent()).get("flinkops.forged")).toEqual([1]);
  measures.count("flinkops.forged");
  measures.took("flinkops.ack.duration", 1500, { kind: "press" });
  const all = await sent();
  expect(all.get("flinkops.forged")).toEqual([2]);
  expect(all.get("flinkops.ack.duration")).toMatchObject([{ count: 1, sum: 1.5 }]);
});

it("what cannot be read is not shown as it was before", async () => {
  let readings: readonly Reading[] = [
    { name: "flinkops.workers", value: 2, attributes: { zone: "east" } },
    { name: "flinkops.workers", value: 1, attributes: { zone: "west" } },
  ];
  const { sent } = pushed(() => readings);
  expect((await sent()).get("flinkops.workers")).toEqual([2, 1]);
  readings = readings.slice(1);
  expect((await sent()).get("flinkops.workers")).toEqual([1]);
  readings = [];
  expect((await sent()).get("flinkops.workers") ?? []).toEqual([]);
});
