import type { Scheduler } from "./scheduler.ts";

/** A port of a model, for whoever waits in real time: each call lets virtual time pass until it is answered. */
export function pumped<T extends object>(port: T, scheduler: Scheduler): T {
  return new Proxy(port, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return async (...args: readonly unknown[]): Promise<unknown> => {
        let isOver = false;
        const work = (async (): Promise<unknown> => await Reflect.apply(method, target, args))().finally(
          () => {
            isOver = true;
          },
        );
        await Promise.all([
          work.catch(() => undefined),
          scheduler.run(Number.MAX_SAFE_INTEGER, () => isOver),
        ]);
        return await work;
      };
    },
  });
}
