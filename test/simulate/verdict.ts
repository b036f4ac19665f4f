import type { Effect } from "../../src/model/effect.ts";
import type { RequestRecord } from "../../src/requests/record/record.ts";
import type { Arrival } from "./flink-model.ts";

/** What a history may not do. */
export interface Violation {
  rule: "a" | "b" | "c" | "d" | "e" | "f" | "g" | "h" | "x";
  at: number;
  words: string;
}

/** An effect that was saved: by whom, and with what agreement. */
export interface Saved {
  effectId: string;
  effect: Effect;
  /** As of the first commit that had it. */
  record: RequestRecord;
  /** When whoever saved it had looked at Flink's jobs last. */
  lookedAt: number;
}

/** What somebody asked for, and what they were told of it. */
export interface AskedFor {
  source: string;
  text: string;
  user: string;
  at: number;
  accepted: boolean;
}

/** The saved effect that an arrival carries out: the newest that asks for just this. */
export function behind({ path, body }: Arrival, saved: Iterable<Saved>): Saved | null {
  const text = JSON.stringify(body);
  const asksFor = ({ effect, effectId }: Saved): boolean => {
    switch (effect.do) {
      case "savepoint":
      case "stop":
      case "checkpoint":
        return path.includes(effect.jobId) && text.includes(effectId);
      case "cancel":
        return path === `/jobs/${effect.jobId}`;
      case "rescale":
        return path === `/jobs/${effect.jobId}/resource-requirements`;
      case "run":
        return path.startsWith("/jars/") && text.includes(effect.jobId);
      case "dispose":
        return path === "/savepoint-disposal" && text.includes(effect.path);
      case "spawn":
        return false;
    }
  };
  return [...saved].findLast(asksFor) ?? null;
}
