import { createRequire } from "node:module";

export interface Point {
  x: number;
  y: number;
}
export interface Size {
  width: number;
  height: number;
}
/** Positions of the boxes' centers, the edges as lines, and the centers of their labels. */
export interface Layout extends Size {
  boxes: ReadonlyMap<string, Point>;
  edges: readonly { points: readonly Point[]; label: Point }[];
}

/** The part of dagre in use. Dagre's own types import without file extensions, which this compiler rejects. */
interface DagreGraph {
  setGraph(label: object): unknown;
  graph(): Partial<Size>;
  setNode(id: string, label: object): unknown;
  node(id: string): Partial<Point>;
  setEdge(from: string, to: string, label: object): unknown;
  edge(from: string, to: string): Partial<Point> & { points?: readonly Point[] };
}
interface Dagre {
  Graph: new () => DagreGraph;
  layout: (this: void, graph: DagreGraph) => void;
}
const { Graph, layout }: Dagre = createRequire(import.meta.url)("@dagrejs/dagre");

/** Lays out boxes in layers, top to bottom or left to right. At most one edge from one box to another. */
export function layered(
  direction: "TB" | "LR",
  boxes: readonly ({ id: string } & Size)[],
  edges: readonly { from: string; to: string; label: Size }[],
): Layout {
  const graph = new Graph();
  graph.setGraph({ rankdir: direction, nodesep: 16, ranksep: 22, edgesep: 8, marginx: 4, marginy: 4 });
  for (const { id, width, height } of boxes) graph.setNode(id, { width, height });
  for (const { from, to, label } of edges)
    graph.setEdge(from, to, { ...label, labelpos: "c", labeloffset: 0 });
  layout(graph);
  const { width = 1, height = 1 } = graph.graph();
  return {
    width: Math.max(1, width),
    height: Math.max(1, height),
    boxes: new Map(boxes.map(({ id }) => [id, point(graph.node(id))])),
    edges: edges.map(({ from, to }) => {
      const edge = graph.edge(from, to);
      return { points: edge.points ?? [], label: point(edge) };
    }),
  };
}

const point = ({ x = 0, y = 0 }: Partial<Point>): Point => ({ x, y });
