import { expect, test } from "vitest";
import { collapse } from "../../src/pictures/collapse.ts";
import { aGraph, aLargeGraph } from "./a-picture.ts";

const named = (graph: Parameters<typeof collapse>[0]) =>
  collapse(graph).boxes.map((b) => b.vertices.map((v) => v.id));

test("a graph that fits is shown vertex by vertex, with how each sends", () => {
  expect(named(aGraph())).toEqual([["Source"], ["Enrich"], ["Sink"]]);
  expect(collapse(aGraph()).links).toEqual([
    { from: "Source", to: "Enrich", label: "hash" },
    { from: "Enrich", to: "Sink", label: "forward" },
  ]);
});

test("500 vertices become a dozen boxes at most, and none is lost", () => {
  for (const graph of [aLargeGraph(20, 25), aLargeGraph(2, 250), aLargeGraph(500, 1), aLargeGraph(1, 500)]) {
    const { boxes, links } = collapse(graph);
    expect(boxes.length).toBeLessThanOrEqual(12);
    expect(boxes.flatMap((b) => b.vertices)).toHaveLength(500);
    expect(links.length).toBeLessThanOrEqual(30);
  }
});

test("who holds the others up stays alone", () => {
  const { vertices, edges } = aLargeGraph(20, 25);
  const slow = vertices.map((v, i) =>
    i < 250 ? { ...v, backPressured: 0.8 } : i === 260 ? { ...v, busy: 1 } : v,
  );
  expect(named({ vertices: slow, edges, slows: ["v260"] })).toContainEqual(["v260"]);
});

test("edges of boxes of many are counted, and those inside are not drawn", () => {
  const { boxes, links } = collapse(aLargeGraph(2, 10));
  expect(boxes.map((b) => b.vertices.length)).toContain(10);
  expect(links.every((l) => l.from !== l.to)).toBe(true);
  expect(links.map((l) => l.label).join()).toMatch(/hash ×\d+/u);
});

test("circles, loose ends and edges to nobody are no trouble", () => {
  const graph = aGraph({
    edges: [
      { from: "Source", to: "Enrich", ship: "HASH" },
      { from: "Enrich", to: "Source", ship: "HASH" },
      { from: "Sink", to: "Sink", ship: "" },
      { from: "nobody", to: "Sink", ship: "HASH" },
    ],
  });
  expect(named(graph).flat().toSorted()).toEqual(["Enrich", "Sink", "Source"]);
});

test("in a long line who slows the rest has a row alone, and no edge goes back", () => {
  const line = aLargeGraph(500, 1);
  const { boxes, links } = collapse({ ...line, slows: ["v200"] });
  expect(boxes.map((b) => b.vertices.length)).toEqual([100, 100, 1, 150, 149]);
  expect(links.map((l) => [l.from, l.to])).toEqual(boxes.slice(1).map((b, i) => [boxes[i]?.id, b.id]));
});

test("no vertex stands out if none is busy", () => {
  expect(named(aLargeGraph(20, 25)).map((ids) => ids.length)).toEqual([100, 100, 100, 100, 100]);
});
