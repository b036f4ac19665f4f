import { expect, test } from "vitest";
import { altText } from "../../src/pictures/alt-text.ts";
import { aGraph, aHistory, aLargeGraph, aPastCheckpoint } from "./a-picture.ts";

test("a graph in words", () => {
  expect(altText(aGraph())).toBe(
    "Job graph of orders, RUNNING, 3 vertices, at 07:02 UTC. Back-pressure starts at Enrich. " +
      "Source: parallelism 2, busy 10%, back-pressured 90%; sends to Enrich (hash). " +
      "Enrich: parallelism 4, busy 100%, back-pressured 0%, slows the rest; sends to Sink (forward). " +
      "Sink: parallelism 2, busy 10%, back-pressured 0%.",
  );
});

test("a history in words", () => {
  const history = aHistory(
    aPastCheckpoint(7),
    aPastCheckpoint(8, { kind: "failed" }),
    aPastCheckpoint(9, { isSavepoint: true, durationMs: 9_000, sizeBytes: 3_000_000 }),
    aPastCheckpoint(10, { kind: "in_progress", durationMs: null }),
  );
  expect(altText(history)).toBe(
    "Checkpoint history of orders, 07:09 to 07:12 UTC: 4 checkpoints, 2 completed, 1 failed. Failed: 8. " +
      "Duration 350 ms to 9.0 s, the latest 9.0 s. Size 2.0 MB to 3.0 MB, the latest 3.0 MB. " +
      "Number 9 is a savepoint. Number 10 is in progress.",
  );
  expect(altText(aHistory(aPastCheckpoint(7)))).toContain(
    "of orders, 07:09 UTC: 1 checkpoint, 1 completed, 0 failed.",
  );
  expect(altText(aHistory())).toBe("Checkpoint history of orders: none yet.");
});

test("what is too long for Slack ends at a sentence, and says how much is left out", () => {
  const { vertices, ...graph } = aLargeGraph(7, 1);
  const words = altText({ ...graph, vertices: vertices.map((v) => ({ ...v, name: "long ".repeat(12) })) });
  expect(words.length).toBeLessThanOrEqual(1000);
  expect(words).toMatch(/And \d+ more\.$/u);
});
