import type { Clock } from "../../src/platform/clock.ts";
import type { Random } from "./random.ts";

/** One process of ours on a machine of its own: it may die, stand still, and have a clock that is wrong. */
export interface Process {
  readonly name: string;
  readonly clock: Clock;
  /** Counts its lives: what a dead one had planned never happens. */
  life: number;
  alive: boolean;
  /** Until when it pauses, in the world's time. */
  stoppedUntil: number;
}

interface Planned {
  at: number;
  /** Chance decides among what is due at the same time. */
  order: number;
  process: Process | null;
  life: number;
  run: () => void;
}

/** The world's clock, and everything that is still to happen: one thing after the other, in an order that the seed decides. */
export class Scheduler {
  /** ms since the epoch. */
  now: number;
  /** How many things have happened. */
  steps = 0;
  readonly #random: Random;
  readonly #planned: Planned[] = [];

  constructor(random: Random, now: number) {
    this.#random = random;
    this.now = now;
  }

  /** Runs at `at`, unless the process has died before; one that pauses does it when it continues. Returns what calls it off. */
  plan(at: number, process: Process | null, run: () => void): () => void {
    const planned: Planned = {
      at: Math.max(at, this.now),
      order: this.#random.next(),
      process,
      life: process?.life ?? 0,
      run,
    };
    push(this.#planned, planned);
    return () => {
      planned.run = nothing;
    };
  }

  /** `skewMs`: how far its clock is ahead of the world's. */
  process(name: string, skewMs: number): Process {
    const began = this.now;
    const process: Process = {
      name,
      life: 0,
      alive: true,
      stoppedUntil: 0,
      clock: {
        now: () => this.now + skewMs,
        monotonic: () => this.now - began,
        sleep: async (ms, signal) =>
          await new Promise((resolve) => {
            if (signal?.aborted === true) {
              resolve();
              return;
            }
            const callOff = this.plan(this.now + ms, process, resolve);
            signal?.addEventListener(
              "abort",
              () => {
                callOff();
                resolve();
              },
              { once: true },
            );
          }),
        after: (ms, call) => this.plan(this.now + ms, process, call),
        every: (ms, call) => {
          let callOff: () => void = nothing;
          const again = (): void => {
            call();
            callOff = this.plan(this.now + ms, process, again);
          };
          callOff = this.plan(this.now + ms, process, again);
          return () => callOff();
        },
        timeout: (ms) => {
          const stop = new AbortController();
          this.plan(this.now + ms, process, () => stop.abort());
          return stop.signal;
        },
      },
    };
    return process;
  }

  /** Lets things happen until `isOver` says so or nothing is left before `until`, ms since the epoch. */
  async run(until: number, isOver: () => boolean): Promise<void> {
    for (;;) {
      if (isOver()) return;
      const next = this.#planned[0];
      if (next === undefined || next.at > until) return;
      pop(this.#planned);
      if (next.run === nothing) continue;
      const { process } = next;
      if (process !== null) {
        if (!process.alive || process.life !== next.life) continue;
        if (process.stoppedUntil > next.at) {
          // the same one: it may still be called off
          next.at = process.stoppedUntil;
          push(this.#planned, next);
          continue;
        }
      }
      this.now = next.at;
      this.steps += 1;
      next.run();
      // whatever that set off runs to where it waits for the world again
      await (this.steps % 500 === 0 ? everything() : settled());
    }
  }
}

const nothing = (): void => undefined;

/** Every promise that could settle has: Node runs the next tick once no promise is left to run. */
const settled = async (): Promise<void> =>
  await new Promise((resolve) => {
    process.nextTick(resolve);
  });

/** As well as that, Node has told of rejections that nobody handles; a turn of its loop for each step is a fifth of the time. */
const everything = async (): Promise<void> =>
  await new Promise((resolve) => {
    setImmediate(resolve);
  });

const isBefore = (a: Planned, z: Planned): boolean => a.at < z.at || (a.at === z.at && a.order < z.order);

/** A binary heap, the next thing to happen first. */
function push(heap: Planned[], planned: Planned): void {
  let i = heap.length;
  heap.push(planned);
  while (i > 0) {
    const up = (i - 1) >> 1;
    const parent = heap[up];
    if (parent === undefined || !isBefore(planned, parent)) break;
    heap[i] = parent;
    i = up;
  }
  heap[i] = planned;
}

function pop(heap: Planned[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let i = 0;
  for (;;) {
    const left = 2 * i + 1;
    const [a, z] = [heap[left], heap[left + 1]];
    if (a === undefined) break;
    const [child, at] = z !== undefined && isBefore(z, a) ? [z, left + 1] : [a, left];
    if (!isBefore(child, last)) break;
    heap[i] = child;
    i = at;
  }
  heap[i] = last;
}
