import type { Log } from "../platform/log.ts";
import { GENESIS, readLink } from "./chain.ts";
import type { Sink } from "./sinks/sink.ts";
import type { AuditStream, Mark, StoredHead } from "./stream.ts";

/** How many entries at the end of the chain are read to find one of ours. */
const MOST = 50;

export interface Recovered {
  head: StoredHead;
  /** The head as it is stored. */
  stored: string;
  /** Redis had an older head than was known elsewhere; null: it had not. */
  wentBack: { inRedis: number; continuesAt: number; knownBy: string } | null;
}

/**
 * Where the chain continues for a sealer that takes over: at the head in Redis, or at a newer end that the chain itself,
 * a sink or this process (`seen`) knows. So no number is given twice, also where Redis went back in time. What somebody
 * else put above it is removed.
 */
export async function recovered(
  { stream, sinks, log }: { stream: AuditStream; sinks: readonly Sink[]; log: Pick<Log, "warn"> },
  { token, now, seen }: { token: string; now: number; seen: StoredHead | null },
): Promise<Recovered> {
  const { text, head } = await stream.head();
  const base: StoredHead = head ?? { ...GENESIS, of: "", began: seen?.began ?? now };
  const known: (Mark & { by: string })[] = seen === null ? [] : [{ ...seen, by: "this process" }];
  const [last] = await stream.below(Number.MAX_SAFE_INTEGER, MOST);
  const lastLink = last === undefined ? null : readLink(last.line);
  if (last !== undefined && lastLink !== null)
    known.push({ n: last.n, hash: lastLink.hash, of: last.of, by: "the chain in Redis" });
  for (const sink of sinks)
    try {
      const newest = await sink.newest();
      if (newest !== null) known.push({ n: newest.n, hash: newest.hash, of: "", by: `sink ${sink.name}` });
    } catch (error) {
      log.warn({ sink: sink.name, err: error }, "a sink of the audit log cannot be read");
    }
  const newest = known.reduce<(Mark & { by: string }) | null>(
    (best, one) => (one.n > (best?.n ?? base.n) ? one : best),
    null,
  );
  const at = newest ?? base;
  await stream.clearAbove(token, at.n);
  return {
    head: { n: at.n, hash: at.hash, of: at.of, began: base.began },
    stored: text,
    wentBack: newest === null ? null : { inRedis: base.n, continuesAt: newest.n, knownBy: newest.by },
  };
}
