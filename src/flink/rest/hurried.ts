import type { Clock } from "../../platform/clock.ts";
import { FlinkUnreachable } from "../../model/errors.ts";
import type { FlinkFacts } from "../../model/flink-reads.ts";

/** The same reads, each with a time limit of `ms` for all its calls together. */
export function hurried(facts: FlinkFacts, ms: number, clock: Pick<Clock, "after">): FlinkFacts {
  const within = (reading: Promise<unknown>): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const callOff = clock.after(ms, () =>
        reject(new FlinkUnreachable(`reading ${facts.cluster}: not read within ${ms / 1000} s`, "maybe")),
      );
      reading.finally(callOff).then(resolve, reject);
    });
  return new Proxy(facts, {
    get(target, key) {
      const found: unknown = Reflect.get(target, key);
      if (typeof found !== "function") return found;
      return (...args: readonly unknown[]) => {
        const answer: unknown = Reflect.apply(found, target, args);
        return answer instanceof Promise ? within(answer) : answer;
      };
    },
  });
}
