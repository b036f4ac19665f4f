import { el, type Svg } from "./svg.ts";

/**
 * A light card with its own border, so that it looks the same in Slack's light and dark themes. Okabe and Ito's orange
 * and blue are distinct with any color vision (https://jfly.uni-koeln.de/color/); a pattern and text repeat the
 * information.
 */
export const colours = {
  paper: "#ffffff",
  rim: "#c4ccd6",
  ink: "#16202c",
  soft: "#4d5b6b",
  line: "#71808f",
  faint: "#e6eaef",
  busy: "#e69f00",
  /** Dark enough for white text. */
  busyInk: "#8f5f00",
  busyTint: "#fff3d6",
  pressed: "#0072b2",
  pressedTint: "#e0f0fa",
  bad: "#b3261e",
  badTint: "#fdeceb",
  good: "#2f7f86",
  added: "#1a7a3c",
  addedTint: "#e5f6ea",
} as const;

/** Font sizes, px at the picture's own scale; the image has up to twice that. */
export const sizes = { title: 21, name: 17, text: 15, small: 13.5 } as const;
export const MARGIN = 20;

/** Diagonal stripes for back-pressure and for failures, in opposite directions. */
export const patterns: Svg = el(
  "defs",
  {},
  el(
    "pattern",
    {
      id: "pressed",
      width: 7,
      height: 7,
      patternUnits: "userSpaceOnUse",
      patternTransform: "rotate(45)",
    },
    el("rect", { width: 7, height: 7, fill: "#8cc3e6" }),
    el("rect", { width: 3.5, height: 7, fill: colours.pressed }),
  ),
  el(
    "pattern",
    { id: "bad", width: 8, height: 8, patternUnits: "userSpaceOnUse", patternTransform: "rotate(-45)" },
    el("rect", { width: 8, height: 8, fill: colours.badTint }),
    el("rect", { width: 2.5, height: 8, fill: colours.bad }),
  ),
  el(
    "marker",
    {
      id: "arrow",
      viewBox: "0 0 10 10",
      refX: 9,
      refY: 5,
      markerWidth: 9,
      markerHeight: 9,
      markerUnits: "userSpaceOnUse",
      orient: "auto",
    },
    el("path", { d: "M0 0.5 L10 5 L0 9.5 Z", fill: colours.line }),
  ),
);

/** The whole picture on its card. */
export const sheet = (width: number, height: number, ...children: readonly Svg[]): Svg =>
  el(
    "svg",
    { xmlns: "http://www.w3.org/2000/svg", width, height, viewBox: `0 0 ${width} ${height}` },
    patterns,
    el("rect", {
      x: 1,
      y: 1,
      width: width - 2,
      height: height - 2,
      rx: 12,
      fill: colours.paper,
      stroke: colours.rim,
      "stroke-width": 2,
    }),
    ...children,
  );
