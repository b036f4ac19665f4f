import type { Clock } from "../platform/clock.ts";

/** One deadline for several calls in a row: they share what is left of it. */
export interface Deadline {
  /** Rejects with what `late` makes if `work` is not there in time; `work` itself goes on unheard. */
  of<T>(work: Promise<T>, late: () => Error): Promise<T>;
}

/** `ms` from now. */
export function deadlineIn(ms: number, clock: Pick<Clock, "monotonic" | "after">): Deadline {
  const until = clock.monotonic() + ms;
  return {
    async of(work, late) {
      return await new Promise((resolve, reject) => {
        const callOff = clock.after(Math.max(0, until - clock.monotonic()), () => reject(late()));
        void work.then(resolve, reject).finally(callOff);
      });
    },
  };
}
