import type { Watches } from "../../src/queue/watches.ts";

/** Of a process that watches nothing: each step comes at its own time. */
export const UNWATCHED: Watches = {
  stepMs: ({ inMs }) => inMs,
  park: () => undefined,
  wait: async () => await Promise.reject(new TypeError("nothing is watched")),
  forget: () => undefined,
  size: () => 0,
  close: async () => await Promise.resolve(),
};
