import type { Log } from "../platform/log.ts";
import { createVerifier, type Signer } from "../platform/signing.ts";
import { GENESIS, readLink, statement } from "./chain.ts";
import type { Sink } from "./sinks/sink.ts";
import type { AuditStream, Kept, Mark, StoredHead } from "./stream.ts";

/** How many entries at the end of the chain are read to find one of ours. */
const MOST = 50;

export interface Recovered {
  head: StoredHead;
  /** The head as it is stored. */
  stored: string;
  /** Redis had an older head than was known elsewhere; null: it had not. */
  wentBack: { inRedis: number; continuesAt: number; knownBy: string } | null;
}

export interface RecoverOptions {
  stream: AuditStream;
  sinks: readonly Sink[];
  sign: Signer | null;
  log: Pick<Log, "warn">;
}

/** An end of the chain, and who knows of it. */
type Known = Mark & { by: string };

/**
 * Where the chain continues for a sealer that takes over: at the head in Redis, or at a newer end that the chain itself,
 * a sink or this process (`seen`) knows. So no number is given twice, also where Redis went back in time. What someone
 * else put above it is removed. Throws Error where nothing that is known of the chain can be believed.
 */
export async function recovered(
  options: RecoverOptions,
  { token, now, seen }: { token: string; now: number; seen: StoredHead | null },
): Promise<Recovered> {
  const { stream } = options;
  const { text, head } = await stream.head();
  const base: StoredHead = head ?? { ...GENESIS, of: "", began: seen?.began ?? now };
  const last = await stream.below(Number.MAX_SAFE_INTEGER, MOST);
  const known = [
    ...(seen === null ? [] : [{ ...seen, by: "this process" }]),
    ...inChain(last, options.sign),
    ...(await inSinks(options)),
  ];
  if (head === null && known.length === 0 && last.length > 0)
    throw new Error(
      "the head of the audit log cannot be read: it is sealed with another key; add the former key to seal.keys",
    );
  const newest = known.reduce<Known | null>((best, one) => (one.n > (best?.n ?? base.n) ? one : best), null);
  const { n, hash, of } = newest ?? base;
  const continued: StoredHead = { n, hash, of, began: base.began };
  const strays = last.filter((one) => one.n > n).length;
  if (strays > 0)
    options.log.warn({ entries: strays, head: n }, "entries above the audit log's head removed");
  await stream.clearAbove(token, n);
  const daily = await stream.daily();
  if (daily !== null) await stream.saveDaily(token, daily);
  // with the current key, so that the former one can be dropped; 0 is no entry yet
  const { stored } = n === 0 ? { stored: text } : await stream.sealHead(token, continued);
  return {
    head: continued,
    stored,
    wentBack: newest === null ? null : { inRedis: base.n, continuesAt: n, knownBy: newest.by },
  };
}

/** The newest entry of the chain that flinkops sealed, or signed before its seal's key was changed. */
function inChain(last: readonly Kept[], sign: Signer | null): readonly Known[] {
  const verifier = sign === null ? null : createVerifier(sign.publicKey);
  for (const { n, of, line, genuine } of last) {
    const read = readLink(line);
    if (read === null || read.n !== n || !read.whole) continue;
    const isSigned = read.sig !== null && verifier?.judge(statement(read), read.sig) === "good";
    if (genuine === "ours" || isSigned) return [{ n, hash: read.hash, of, by: "the chain in Redis" }];
  }
  return [];
}

async function inSinks({ sinks, log }: RecoverOptions): Promise<readonly Known[]> {
  const known: Known[] = [];
  for (const sink of sinks)
    try {
      const newest = await sink.newest();
      if (newest !== null) known.push({ n: newest.n, hash: newest.hash, of: "", by: `sink ${sink.name}` });
    } catch (error) {
      log.warn({ sink: sink.name, err: error }, "a sink of the audit log cannot be read");
    }
  return known;
}
