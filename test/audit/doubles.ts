import { readLink } from "../../src/audit/chain.ts";
import { type Batch, type Sink, SinkProblem } from "../../src/audit/sinks/sink.ts";
import type { AuditStream } from "../../src/audit/stream.ts";

/** Keeps what it gets; `fails`: what it says instead. */
export class MemorySink implements Sink {
  readonly name: string;
  readonly required: boolean;
  readonly got: string[] = [];
  fails: string | null = null;
  constructor(name: string, required = true) {
    this.name = name;
    this.required = required;
  }
  newest = async () => await Promise.resolve(null);
  close = async () => await Promise.resolve();
  async push({ lines }: Batch): Promise<void> {
    if (this.fails !== null) throw new SinkProblem(this.fails);
    this.got.push(...lines);
    return await Promise.resolve();
  }
}

/** A stream whose process dies at its n-th call: that call and all later ones neither happen nor return. */
export function dieAt(n: number, stream: AuditStream) {
  let calls = 0;
  let isDead = false;
  const never = new Promise<never>(() => undefined);
  const died: (() => void)[] = [];
  const dead = new Promise<void>((resolve) => void died.push(resolve));
  const mortal =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      calls += 1;
      if (calls >= n) isDead = true;
      if (!isDead) {
        const answer = await call(...args);
        // dies after the call just as well as before it
        if (!isDead) return answer;
      }
      died.forEach((tell) => tell());
      return await never;
    };
  return {
    dead,
    kill: () => {
      isDead = true;
    },
    stream: {
      ...stream,
      head: mortal(async () => await stream.head()),
      append: mortal(async (...a: Parameters<AuditStream["append"]>) => await stream.append(...a)),
      sealHead: mortal(async (...a: Parameters<AuditStream["sealHead"]>) => await stream.sealHead(...a)),
      clearAbove: mortal(
        async (...a: Parameters<AuditStream["clearAbove"]>) => await stream.clearAbove(...a),
      ),
      from: mortal(async (...a: Parameters<AuditStream["from"]>) => await stream.from(...a)),
      below: mortal(async (...a: Parameters<AuditStream["below"]>) => await stream.below(...a)),
      mark: mortal(async (...a: Parameters<AuditStream["mark"]>) => await stream.mark(...a)),
      saveMark: mortal(async (...a: Parameters<AuditStream["saveMark"]>) => await stream.saveMark(...a)),
      saveReached: mortal(
        async (...a: Parameters<AuditStream["saveReached"]>) => await stream.saveReached(...a),
      ),
    } satisfies AuditStream,
  };
}

const nothing = (): never => {
  throw new Error("reads only");
};

/** The chain in memory. */
export function streamOf(lines: readonly string[]): AuditStream {
  const kept = lines.map((line) => ({
    n: readLink(line)?.n ?? 0,
    of: "1-0",
    line,
    genuine: "ours" as const,
  }));
  return {
    from: async (n, most) => await Promise.resolve(kept.filter((one) => one.n >= n).slice(0, most)),
    below: async (n, most) =>
      await Promise.resolve(
        kept
          .filter((one) => one.n < n)
          .toReversed()
          .slice(0, most),
      ),
    head: async () => await Promise.resolve({ text: "", head: null }),
    waiting: nothing,
    append: nothing,
    sealHead: nothing,
    clearAbove: nothing,
    trim: nothing,
    mark: nothing,
    saveMark: nothing,
    reached: nothing,
    saveReached: nothing,
    daily: nothing,
    saveDaily: nothing,
  };
}
