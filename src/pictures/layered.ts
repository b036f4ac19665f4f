import { createRequire } from "node:module";

export interface Point {
  x: number;
  y: number;
}
export interface Size {
  width: number;
  height: number;
}
/** Boxes by their middles, edges as lines with the middle of their label. */
export interface Layout extends Size {
  boxes: ReadonlyMap<string, Point>;
  edges: readonly { points: readonly Point[]; label: Point }[];
}

/** What we use of dagre. Its own types import without file extensions, which this project's compiler takes for errors. */
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

/** In layers, from the top down or from left to right; at most one edge from one box to another. */
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
