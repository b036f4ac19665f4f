import { expect, test } from "vitest";
import type { Aggregate } from "../../src/model/flink-jobs.ts";
import { withUnit } from "../../src/operations/wording/metric.ts";
import { aJob, aVertex, FakeFlinkReads, T0 } from "../fakes/flink-reads.ts";
import { told } from "./ask.ts";

const even = (n: number): Aggregate => ({ min: n, max: n, avg: n, sum: n });

test("metrics: the useful ones, those named, the closest to an unknown one", async () => {
  const flink = new FakeFlinkReads();
  flink.metrics = { numRestarts: "3", lastCheckpointSize: "18200000000", runningTime: "72000" };
  expect(await told("metrics orders", flink)).toBe(
    "Metrics of orders\nnumRestarts | 3\nrunningTime | 1 m 12 s\nlastCheckpointSize | 18.2 GB",
  );
  expect(await told("metrics orders --names numRestart --names numRestarts", flink)).toBe(
    "Metrics of orders\nThere is no metric numRestart here. The closest: numRestarts.\nnumRestarts | 3",
  );
  flink.metrics = {};
  expect(await told("metrics orders", flink)).toContain("Flink has no values yet");
  expect(await told("metrics orders --names x", flink)).toContain("or Flink has not fetched it yet");
});

test("metrics of a vertex, by a part of its name, over its subtasks", async () => {
  const flink = new FakeFlinkReads();
  const id = "bbbb0000000000000000000000000002";
  flink.theJob = aJob({
    vertices: [
      aVertex(),
      aVertex({ id, name: "Window(Tumbling)", parallelism: 2 }),
      aVertex({ name: "Sink" }),
    ],
  });
  flink.vertexLoads = {
    [id]: {
      busyTimeMsPerSecond: even(910),
      numRecordsInPerSecond: { min: 100, max: 1_400, avg: 750, sum: 1_500 },
    },
  };
  expect(await told("metrics orders window", flink)).toBe(
    [
      "Metrics of Window(Tumbling) in orders, over 2 subtasks",
      "busyTimeMsPerSecond | least 91% | most 91% | average 91%",
      "numRecordsInPerSecond | least 100/s | most 1,400/s | average 750/s | all 1,500/s",
    ].join("\n"),
  );
  expect(await told("metrics orders s", flink)).toContain("s matches several vertices.");
  flink.theJob = null;
  expect(await told("metrics orders x", flink)).toContain("no longer known");
});

test("a first word that is no vertex but a metric of the job is a metric", async () => {
  const flink = new FakeFlinkReads();
  flink.metrics = { numRestarts: "3", myOwnCounter: "7" };
  const both = "Metrics of orders\nmyOwnCounter | 7\nnumRestarts | 3";
  expect(await told("metrics orders myOwnCounter numRestarts", flink)).toBe(both);
  expect(await told("metrics orders --names myOwnCounter --names numRestarts", flink)).toBe(both);
  // known by name before Flink has fetched it
  flink.metrics = {};
  expect(await told("metrics orders numRestarts", flink)).toContain("or Flink has not fetched it yet");
  flink.metrics = { source: "1" };
  expect(await told("metrics orders Source", flink)).toContain(
    "Metrics of Source in orders, over 1 subtask\n",
  );
});

test("names after a vertex are metrics of that vertex", async () => {
  const flink = new FakeFlinkReads();
  flink.vertexLoads = {
    aaaa0000000000000000000000000001: { numRecordsIn: even(5), numLateRecords: even(2) },
  };
  expect(await told("metrics orders Source numRecordsIn numLateRecord", flink)).toBe(
    [
      "Metrics of Source in orders, over 1 subtask",
      "There is no metric numLateRecord here. The closest: numLateRecords.",
      "numRecordsIn | 5",
    ].join("\n"),
  );
});

test("a first word that is neither gets the closest metrics and the vertices", async () => {
  const flink = new FakeFlinkReads();
  const vertices = "• aaaa0000000000000000000000000001 Source\n• bbbb0000000000000000000000000002 Window";
  expect(await told("metrics orders numRestrats", flink)).toBe(
    `The job has no vertex and no metric numRestrats.\nThe closest metrics: numRestarts.\n${vertices}`,
  );
  expect(await told("metrics orders nope", flink)).toBe(
    `The job has no vertex and no metric nope.\n${vertices}`,
  );
  expect(await told("metrics orders busyTimeMsPerSecond", flink)).toBe(
    `busyTimeMsPerSecond is a metric of a vertex: write the vertex before it.\n${vertices}`,
  );
  flink.vertexLoads = { aaaa0000000000000000000000000001: { myCounter: even(1) } };
  expect(await told("metrics orders myCounter", flink)).toContain("is a metric of a vertex");
});

test.each([
  ["lastCheckpointDuration", "-1", "none yet"],
  ["lastCheckpointCompletedTimestamp", String(T0 - 5_000), "5 s ago"],
  ["numBytesInPerSecond", "1500", "1.5 kB/s"],
  ["numRecordsIn", "1234567", "1,234,567"],
  ["numRecordsInPerSecond", "0.44", "0.4/s"],
  ["Status.JVM.Memory.Heap.Used", "1500000", "1.5 MB"],
  ["lastCheckpointExternalPath", "file:/x", "file:/x"],
])("%s %s is %s", (name, value, said) => {
  expect(withUnit(name, value, T0)).toBe(said);
});

test.each([
  ["currentInputWatermark", "-9223372036854775808", "no watermark yet"],
  ["Map.currentOutputWatermark", String(-9223372036854775808), "no watermark yet"],
  ["currentInputWatermark", "9223372036854775807", "end of input"],
  ["currentInputWatermark", String(T0), "2027-01-15 08:00:00 UTC"],
  ["currentInputWatermark", "17", "17"],
  ["currentFetchEventTimeLag", "-9223372036854775808", "none yet"],
  ["busyTimeMsPerSecond", "NaN", "no figure"],
  ["myGauge", "waiting for the broker", "waiting for the broker"],
])("what is no usual number: %s %s is %s", (name, value, said) => {
  expect(withUnit(name, value, T0)).toBe(said);
});

test("a metric that is there without a number is no unknown one", async () => {
  const flink = new FakeFlinkReads();
  flink.metrics = { numRestarts: "3", myGauge: "NaN" };
  expect(await told("metrics orders --names myGauge", flink)).toBe("Metrics of orders\nmyGauge | no figure");
  const id = "aaaa0000000000000000000000000001";
  flink.vertexLoads = { [id]: { numRecordsIn: even(5) } };
  flink.vertexMetricNames = () => Promise.resolve(["numRecordsIn", "myGauge"]);
  expect(await told("metrics orders Source numRecordsIn myGauge myGauges", flink)).toBe(
    [
      "Metrics of Source in orders, over 1 subtask",
      "There is no metric myGauges here. The closest: myGauge.",
      "numRecordsIn | 5",
      "myGauge | no figure",
    ].join("\n"),
  );
});

test("of a watermark there is no average", async () => {
  const flink = new FakeFlinkReads();
  const id = "aaaa0000000000000000000000000001";
  flink.theJob = aJob({ vertices: [aVertex({ id, parallelism: 2 })] });
  const least = -9223372036854775808;
  flink.vertexLoads = {
    [id]: { currentInputWatermark: { min: least, max: T0, avg: least / 2, sum: least + T0 } },
  };
  expect(await told("metrics orders Source currentInputWatermark", flink)).toContain(
    "currentInputWatermark | least no watermark yet | most 2027-01-15 08:00:00 UTC",
  );
  expect(await told("metrics orders Source currentInputWatermark", flink)).not.toContain("average");
});
