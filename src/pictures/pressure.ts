import type { GraphVertex, JobGraph } from "../model/picture.ts";

/** Flink's own bounds: back-pressure above 10% is low, above 50% high. */
export const PRESSED_ABOVE = 0.1;
export const BUSY_FROM = 0.8;

export const isPressed = (v: { backPressured: number | null }): boolean =>
  (v.backPressured ?? 0) > PRESSED_ABOVE;
export const isBusy = (v: { busy: number | null }): boolean => (v.busy ?? 0) >= BUSY_FROM;

/** The vertices where back-pressure starts. */
export const sources = (graph: Pick<JobGraph, "vertices" | "slows">): readonly GraphVertex[] =>
  graph.vertices.filter((v) => graph.slows.includes(v.id));

/** "87%", as in the picture's description. */
export const percent = (share: number): string => `${Math.round(Math.min(1, Math.max(0, share)) * 100)}%`;
