import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import { type Head, readLink } from "./chain.ts";
import { type Sink, SinkProblem } from "./sinks/sink.ts";
import type { AuditStream, Kept, Mark, Reached } from "./stream.ts";

/** How many entries one batch has. */
const AT_ONCE = 200;
/** Pauses after a sink has failed, ms: doubled from the first to the last; effects wait for a required sink. */
const FIRST_PAUSE_MS = 250;
const LAST_PAUSE_MS = 30_000;
const LAST_REQUIRED_MS = 2000;
/** How often old entries are deleted, and how many at once. */
const TRIM_MS = 60_000;
const TRIM_AT_ONCE = 1000;

export interface ShippingOptions {
  stream: AuditStream;
  sinks: readonly Sink[];
  /** The sealer's token. */
  token: string;
  /** How long entries stay in Redis, ms. */
  keep: number;
  log: Pick<Log, "warn" | "error">;
  clock: Clock;
}

/** Passes chained entries to the sinks, to each at its own pace. */
export interface Shipping {
  /** The chain has a new head. */
  ring(head: Head): void;
  /** Deletes entries that are older than `keep` and in every sink; does so once a minute. `now`: Redis's clock, ms. */
  trim(now: number): Promise<void>;
  stop(): Promise<void>;
}

/** Starts at once. `at`: the end of the chain. */
export function createShipping(options: ShippingOptions, at: Head): Shipping {
  const { stream, sinks, token, keep, log, clock } = options;
  const stop = new AbortController();
  const marks = new Map<Sink, Mark>();
  const problems = new Map<Sink, string>();
  let head = at;
  let bell = new AbortController();
  let told: string | null = null;
  let trimmedAt = Number.NEGATIVE_INFINITY;

  /** Writes how far all required sinks are, where that has changed. */
  const tell = async (): Promise<void> => {
    const required = sinks.filter((sink) => sink.required);
    const least = required.map((sink) => marks.get(sink)).toSorted((a, z) => (a?.n ?? 0) - (z?.n ?? 0))[0];
    if (required.length === 0) return;
    const [problem = null] = required.flatMap((sink) => {
      const words = problems.get(sink);
      return words === undefined ? [] : [`${sink.name}: ${words}`];
    });
    const reached: Reached = { of: least?.of ?? "", problem };
    const text = JSON.stringify(reached);
    if (text === told) return;
    told = text;
    if ((await stream.saveReached(token, reached)) === "fenced") stop.abort();
  };
  const advance = async (sink: Sink, mark: Mark): Promise<void> => {
    if ((await stream.saveMark(token, sink.name, mark)) === "fenced") return stop.abort();
    marks.set(sink, mark);
    problems.delete(sink);
    await tell();
  };
  /**
   * Of entries whose seal has a key that is gone: those that the head vouches for, because the chain leads from the
   * sink's mark to it. Without that, only those with our seal.
   */
  const vouched = async (found: readonly Kept[], mark: Mark): Promise<readonly Kept[]> => {
    if (await leadsTo(stream, mark, head)) return found;
    const own = found.filter(({ genuine }) => genuine === "ours");
    log.error({ from: mark.n + 1, entries: found.length - own.length }, "audit entries are not as chained");
    return own;
  };
  /** Sends the next batch. */
  const shipOne = async (sink: Sink): Promise<void> => {
    const mark = marks.get(sink) ?? (await startOf(stream, sink, head));
    if (!marks.has(sink)) await advance(sink, mark);
    if (mark.n >= head.n) {
      await clock.sleep(LAST_PAUSE_MS, AbortSignal.any([bell.signal, stop.signal]));
      return;
    }
    const found = await stream.from(mark.n + 1, AT_ONCE);
    const kept = found.every(({ genuine }) => genuine === "ours") ? found : await vouched(found, mark);
    const last = kept.at(-1);
    const gap = gapIn(mark.n, kept, head.n);
    if (gap !== null) log.error({ sink: sink.name, ...gap }, "audit entries are missing in redis");
    if (last === undefined) return await advance(sink, { ...head, of: "" });
    const batch = { first: kept[0]?.n ?? last.n, last: last.n, lines: kept.map(({ line }) => line) };
    await sink.push(batch, stop.signal);
    await advance(sink, { n: last.n, hash: readLink(last.line)?.hash ?? "", of: last.of });
  };
  const ship = async (sink: Sink): Promise<void> => {
    let pause = FIRST_PAUSE_MS;
    while (!stop.signal.aborted)
      try {
        await shipOne(sink);
        pause = FIRST_PAUSE_MS;
      } catch (error) {
        if (stop.signal.aborted) return;
        const isNews = error instanceof SinkProblem && problems.get(sink) !== error.message;
        if (error instanceof SinkProblem) problems.set(sink, error.message);
        if (isNews || !(error instanceof SinkProblem))
          log.warn({ sink: sink.name, err: error }, "audit entries were not taken");
        await tell().catch(() => undefined);
        await clock.sleep(pause, stop.signal);
        pause = Math.min(2 * pause, sink.required ? LAST_REQUIRED_MS : LAST_PAUSE_MS);
      }
  };
  const running = sinks.map(ship);
  return {
    ring(to) {
      head = to;
      const old = bell;
      bell = new AbortController();
      old.abort();
    },
    async trim(now) {
      if (clock.monotonic() - trimmedAt < TRIM_MS) return;
      trimmedAt = clock.monotonic();
      const everywhere = Math.min(head.n - 1, ...sinks.map((sink) => marks.get(sink)?.n ?? 0));
      const oldest = await stream.from(1, TRIM_AT_ONCE);
      const old = oldest.findLast(
        ({ n, line }) => n <= everywhere && (readLink(line)?.at ?? now) < now - keep,
      );
      if (old !== undefined) await stream.trim(old.n);
    },
    async stop() {
      stop.abort();
      await Promise.allSettled(running);
    },
  };
}

/**
 * The newest entry that a sink has: as it was last saved, or as the sink itself knows. A sink that never had one gets
 * everything that Redis still has.
 */
async function startOf(stream: AuditStream, sink: Sink, head: Head): Promise<Mark> {
  const saved = await stream.mark(sink.name);
  const own = await sink.newest();
  if (own !== null && own.n > (saved?.n ?? 0)) {
    const [same] = await stream.from(own.n, 1);
    const there = same?.n === own.n ? readLink(same.line) : null;
    if (there !== null && there.hash !== own.hash)
      throw new SinkProblem(
        `its newest entry, ${own.n}, is not the one in Redis: one of them was altered or restored from a copy`,
      );
    return { n: own.n, hash: own.hash, of: same?.n === own.n ? same.of : "" };
  }
  if (saved !== null) return saved;
  const [first] = await stream.from(1, 1);
  if (first === undefined) return { ...head, of: "" };
  return { n: first.n - 1, hash: readLink(first.line)?.prev ?? "", of: "" };
}

/** The first numbers that are missing between a sink's mark and the head; null: none is. */
function gapIn(mark: number, kept: readonly Kept[], head: number): { first: number; last: number } | null {
  let before = mark;
  for (const { n } of kept) {
    if (n !== before + 1) return { first: before + 1, last: n - 1 };
    before = n;
  }
  return kept.length === 0 ? { first: mark + 1, last: head } : null;
}

/** Whether the entries in Redis follow one another from one end to the other. */
async function leadsTo(stream: AuditStream, from: Head, to: Head): Promise<boolean> {
  let { n, hash } = from;
  while (n < to.n) {
    const batch = await stream.from(n + 1, AT_ONCE);
    if (batch.length === 0) return false;
    for (const { line } of batch) {
      const read = readLink(line);
      if (read === null || !read.whole || read.n !== n + 1 || read.prev !== hash) return false;
      ({ n, hash } = read);
      if (n === to.n) return hash === to.hash;
    }
  }
  return n === to.n && hash === to.hash;
}
