import { expect, test } from "vitest";
import type { Picture } from "../../src/model/picture.ts";
import { drawCheckpointHistory } from "../../src/pictures/checkpoint-history.ts";
import { draw } from "../../src/pictures/draw.ts";
import { drawJobGraph } from "../../src/pictures/job-graph.ts";
import { sizes } from "../../src/pictures/theme.ts";
import { aGraph, aGraphVertex, aHistory, aLargeGraph, aPastCheckpoint } from "./a-picture.ts";

/** The text of a picture, line by line. */
const lettering = (svg: string): string[] =>
  [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/gu)].map(([, words = ""]) => words);
const PNG = "89504e470d0a1a0a";
const sizeOf = (png: Buffer) => ({ width: png.readUInt32BE(16), height: png.readUInt32BE(20) });

test("a graph says names, parallelism, load, how each sends, and where back-pressure starts", () => {
  const { svg } = drawJobGraph(aGraph());
  expect(lettering(svg)).toEqual(
    expect.arrayContaining([
      "orders",
      "RUNNING · 3 vertices · 07:02 UTC",
      "Back-pressure starts at Enrich",
      "SLOWS THE REST",
      "BACK-PRESSURED",
      "parallelism 4 · busy 100% · back-pressured 0%",
      "hash",
      "forward",
    ]),
  );
});

test("it says what does not run, and that the load is not known", () => {
  const { svg } = drawJobGraph(
    aGraph({
      vertices: [aGraphVertex("Source", { tasksRunning: 1, busy: null, backPressured: null })],
      edges: [],
    }),
  );
  expect(lettering(svg)).toEqual(
    expect.arrayContaining(["NOT ALL RUN", "parallelism 2 · 1 of 2 run · load not known"]),
  );
  expect(lettering(svg)).toContain("RUNNING · 1 vertex · 07:02 UTC");
  // nothing of it in the picture, so no word on what it would mean
  expect(lettering(svg)).not.toContain("idle");
});

const tasksOf = (over: object): readonly string[] =>
  lettering(
    drawJobGraph(
      aGraph({
        vertices: [aGraphVertex("Source", { busy: null, backPressured: null, ...over })],
        edges: [],
      }),
    ).svg,
  );

test("tasks that are through with their input are finished, not missing", () => {
  const all = tasksOf({ tasksRunning: 0, tasksFinished: 2 });
  expect(all).toContain("parallelism 2 · finished · load not known");
  expect(all).not.toContain("NOT ALL RUN");
  expect(tasksOf({ tasksRunning: 1, tasksFinished: 1 })).toContain(
    "parallelism 2 · 1 finished · load not known",
  );
});

/** What a phone leaves of letters of this size, px. */
const onAPhone = (letters: number, width: number): number => (letters * 360) / width;

test.each([
  ["alone in their rows", aGraph()],
  ["two next to each other", aLargeGraph(3, 2)],
  ["three next to each other", aLargeGraph(3, 3)],
  ["in a thicket", aLargeGraph(7, 3)],
  ["in a thicket that slows down", aGraph({ ...aLargeGraph(7, 3), slows: ["v10"] })],
  ["without number", aLargeGraph(20, 25)],
])("vertices %s are legible on a phone", (_name, graph) => {
  expect(onAPhone(sizes.text, drawJobGraph(graph).width)).toBeGreaterThan(7);
});

test("names of operators are broken where they are put together", () => {
  const name = "Source: TableSourceScan(table=[[default_catalog, default_database, orders]])";
  const vertices = ["a", "b"].map((id) => aGraphVertex(id, { name }));
  const words = lettering(drawJobGraph(aGraph({ vertices, edges: [], slows: [] })).svg);
  expect(words).toContain("Source: TableSourceScan(");
});

test("a history marks failures, savepoints and what is in progress, not by colour alone", () => {
  const { svg } = drawCheckpointHistory(
    aHistory(
      aPastCheckpoint(7),
      aPastCheckpoint(8, { kind: "failed", durationMs: 600_000 }),
      aPastCheckpoint(9, { isSavepoint: true, durationMs: 9_000 }),
      aPastCheckpoint(10, { kind: "in_progress", durationMs: null }),
    ),
  );
  const words = lettering(svg);
  expect(words).toEqual(
    expect.arrayContaining([
      "Checkpoints of orders",
      "10 min",
      "350 ms",
      "9.0 s",
      "failed",
      "savepoint",
      "in progress",
    ]),
  );
  expect(words).toContain("4 checkpoints · 1 failed · 07:09 to 07:12 UTC");
  expect(svg).toContain("url(#bad)");
});

test("where nothing was completed there is no size to compare, and one moment is named once", () => {
  const { svg } = drawCheckpointHistory(
    aHistory(aPastCheckpoint(7, { kind: "failed", durationMs: 600_000 })),
  );
  const words = lettering(svg);
  expect(words).toContain("1 checkpoint · 1 failed · 07:09 UTC");
  expect(words).toContain("Duration");
  expect(words).not.toContain("Size");
  expect(lettering(drawCheckpointHistory(aHistory()).svg)).toEqual(["Checkpoints of orders", "none yet"]);
});

const HOSTILE = "<script>alert(\"1\")</script> & 'x' ]]> \u202egnp.\u0000\ud800 工作 " + "long ".repeat(400);
test.each<[string, Picture]>([
  [
    "a graph",
    aGraph({
      job: HOSTILE,
      vertices: [aGraphVertex("a", { name: HOSTILE })],
      edges: [{ from: "a", to: "a", ship: HOSTILE }],
    }),
  ],
  [
    "a large graph",
    { ...aLargeGraph(3, 20), vertices: aLargeGraph(3, 20).vertices.map((v) => ({ ...v, name: HOSTILE })) },
  ],
  ["a history", { ...aHistory(aPastCheckpoint(Number.NaN, { triggeredAt: Number.NaN })), job: HOSTILE }],
  ["an empty history", aHistory()],
  ["a graph with nothing in it", aGraph({ vertices: [], edges: [] })],
])("%s of odd things is still a picture, with words", async (_name, picture) => {
  const drawn = await draw(picture);
  expect(drawn.png.toString("hex", 0, 8)).toBe(PNG);
  expect(drawn.alt.length).toBeLessThanOrEqual(1000);
  expect(`${drawn.alt}${drawn.title}`).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
});

test("foreign names are letters, never markup", () => {
  const { svg } = drawJobGraph(aGraph({ job: '</text><image href="x"/>&amp;' }));
  expect(svg).not.toContain("<image");
  expect(svg).toContain("&lt;/text&gt;&lt;image");
  expect(svg).toContain("&amp;amp;");
});

test.each<[string, Picture, { width: number; height: number }]>([
  ["graph", aGraph(), drawJobGraph(aGraph())],
  ["history", aHistory(aPastCheckpoint(1)), drawCheckpointHistory(aHistory(aPastCheckpoint(1)))],
])("a %s is drawn at twice its size, the same bytes each time", async (_name, picture, { width, height }) => {
  const [first, second] = [await draw(picture), await draw(picture)];
  expect(sizeOf(first.png)).toEqual({ width: width * 2, height: height * 2 });
  expect(second.png.equals(first.png)).toBe(true);
});

test("500 vertices make a picture of a size that can be looked at, in well under a second", async () => {
  const before = process.cpuUsage();
  const { png } = await draw(aLargeGraph(20, 25));
  // of this process alone: other tests have the machine, too
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000).toBeLessThan(1000);
  const { width, height } = sizeOf(png);
  expect(width * height).toBeLessThanOrEqual(2_600_000);
  expect(width).toBeGreaterThanOrEqual(800);
});
