import { joined } from "../../platform/joined.ts";
import type { Text } from "../../model/text.ts";
import type { Child } from "../../model/knowledge.ts";
import type { Engine } from "../ports/engine.ts";
import type { RequestRecord } from "../record/record.ts";
import type { Held } from "../record/store.ts";

/**
 * Grace period, ms, after a child's time to start. A child that begins has a record by then; a child without one is
 * forged or lost.
 */
const SILENT_MS = 60_000;

/** How many parent requests are remembered at once. */
const MOST = 20;
/** By engine and parent: the results of ended children, which do not change any more. */
const ended = new WeakMap<Engine, Map<string, Map<string, Child>>>();

/**
 * The requests that this one started, as its operation sees them. Reads only children that this process has not seen
 * end, because a request for many jobs checks its children often. One round trip; none where all of them have ended.
 */
export async function childrenOf(
  engine: Engine,
  { record, now }: Pick<Held, "record" | "now">,
): Promise<readonly Child[]> {
  if (record.children.length === 0) return [];
  const over = endedOf(engine, record);
  const open = record.children.filter((c) => !over.has(c.id));
  const held = open.length === 0 ? [] : await engine.store.loadMany(open.map((c) => c.id));
  const known = new Map(held.map((h) => [h.record.id, h.record]));
  const isSilent = now > (record.run?.enteredAt ?? now) + engine.timings.startWithin + SILENT_MS;
  return record.children.map(({ id, jobId, name }): Child => {
    const before = over.get(id);
    if (before !== undefined) return before;
    const child = known.get(id);
    if (child === undefined && isSilent)
      return { jobId, jobName: name, outcome: "unknown", says: NO_WORD, lines: [], facts: {} };
    const end = child?.end ?? null;
    const seen: Child = {
      jobId,
      jobName: name,
      outcome: end === null ? null : end.report.outcome,
      says: end === null ? standing(child) : end.report.headline,
      lines: end?.report.lines ?? [],
      facts: end?.report.facts ?? {},
    };
    if (end !== null) over.set(id, seen);
    return seen;
  });
}

const NO_WORD =
  "nothing is known of it: its record in Redis is gone or was not written by flinkops. Check the job itself";

function endedOf(engine: Engine, { id, children }: RequestRecord): Map<string, Child> {
  const all = ended.get(engine) ?? new Map<string, Map<string, Child>>();
  ended.set(engine, all);
  const known = all.get(id);
  // More children have ended than the record lists: Redis went back in time.
  const own = known === undefined || known.size > children.length ? new Map<string, Child>() : known;
  all.delete(id);
  all.set(id, own);
  forgetOldest(all);
  return own;
}

type Loaded = Awaited<ReturnType<Engine["store"]["load"]>>;
const parents = new WeakMap<Engine, Map<string, () => Promise<Loaded>>>();

/**
 * The current record of a child's parent; null: there is none. Concurrent calls share one read, because children
 * check it at the same time and the record is large.
 */
export async function parentOf(engine: Engine, id: string): Promise<RequestRecord | null> {
  const all = parents.get(engine) ?? new Map<string, () => Promise<Loaded>>();
  parents.set(engine, all);
  const load = all.get(id) ?? joined(async () => await engine.store.load(id));
  all.delete(id);
  all.set(id, load);
  forgetOldest(all);
  return (await load()).record;
}

function forgetOldest(all: Map<string, unknown>): void {
  const [oldest] = all.keys();
  if (all.size > MOST && oldest !== undefined) all.delete(oldest);
}

function standing(child: RequestRecord | undefined): Text {
  if (child?.run != null) return child.run.note;
  return child?.waiting == null ? "queued" : child.waiting.words;
}
