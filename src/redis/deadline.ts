import type { Clock } from "../platform/clock.ts";

/** One deadline for several consecutive calls, which share the remaining time. */
export interface Deadline {
  /** Rejects with the error from `late` if `work` is not done in time; `work` continues, but its result is ignored. */
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
