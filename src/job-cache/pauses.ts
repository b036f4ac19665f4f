import type { Clock } from "../platform/clock.ts";

/** Pauses between the turns of a loop. A hint ends one early. */
export interface Pauses {
  /** Resolves after `mostMs`; after a hint already after `leastMs`, also where the hint came before the pause. */
  next(): Promise<void>;
  hint(): void;
}

/** `leastMs`: however many hints come, there are no more turns than this allows. All pauses end when `signal` aborts. */
export function createPauses(
  { leastMs, mostMs }: { leastMs: number; mostMs: number },
  { clock, signal }: { clock: Pick<Clock, "sleep">; signal: AbortSignal },
): Pauses {
  let isHinted = false;
  let end = new AbortController();
  signal.addEventListener("abort", () => end.abort());
  return {
    async next() {
      end = new AbortController();
      await clock.sleep(leastMs, signal);
      if (!isHinted && !signal.aborted && mostMs > leastMs) await clock.sleep(mostMs - leastMs, end.signal);
      // a hint from now on is for the pause after the turn that begins now
      isHinted = false;
    },
    hint() {
      isHinted = true;
      end.abort();
    },
  };
}
