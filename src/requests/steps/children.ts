import { joined } from "../../platform/joined.ts";
import type { Text } from "../../model/text.ts";
import type { Child } from "../../model/knowledge.ts";
import type { Children, Timings } from "../ports/engine.ts";
import type { RequestRecord } from "../record/record.ts";
import type { Store } from "../record/store.ts";

/**
 * Grace period, ms, after a child's time to start. A child that begins has a record by then; a child without one is
 * forged or lost.
 */
const SILENT_MS = 60_000;

/** How many parent requests are remembered at once. */
const MOST = 20;

type Load = () => Promise<Awaited<ReturnType<Store["load"]>>>;

/**
 * Remembers the results of ended children by parent, because they do not change any more, and lets concurrent readers
 * of one parent share a read.
 */
export function createChildren(store: Store, { startWithin }: Pick<Timings, "startWithin">): Children {
  const ended = new Map<string, Map<string, Child>>();
  const parents = new Map<string, Load>();
  return {
    async of({ record, now }) {
      if (record.children.length === 0) return [];
      const over = endedOf(ended, record);
      const open = record.children.filter((c) => !over.has(c.id));
      const held = open.length === 0 ? [] : await store.loadMany(open.map((c) => c.id));
      const known = new Map(held.map((h) => [h.record.id, h.record]));
      const isSilent = now > (record.run?.enteredAt ?? now) + startWithin + SILENT_MS;
      return record.children.map((one): Child => {
        const before = over.get(one.id);
        if (before !== undefined) return before;
        const child = known.get(one.id);
        const seen = seenChild(one, child, isSilent ? "silent" : "starting");
        if (child !== undefined && child.end !== null) over.set(one.id, seen);
        return seen;
      });
    },
    async parent(id) {
      const load = parents.get(id) ?? joined(async () => await store.load(id));
      remember(parents, id, load);
      return (await load()).record;
    },
  };
}

function seenChild(
  { jobId, name: jobName }: RequestRecord["children"][number],
  child: RequestRecord | undefined,
  without: "silent" | "starting",
): Child {
  if (child === undefined && without === "silent")
    return { jobId, jobName, outcome: "unknown", says: NO_WORD, lines: [], facts: {} };
  const report = child?.end?.report;
  return {
    jobId,
    jobName,
    outcome: report?.outcome ?? null,
    says: report?.headline ?? standing(child),
    lines: report?.lines ?? [],
    facts: report?.facts ?? {},
  };
}

const NO_WORD =
  "nothing is known of it: its record in Redis is gone or was not written by flinkops. Check the job itself";

function endedOf(all: Map<string, Map<string, Child>>, { id, children }: RequestRecord): Map<string, Child> {
  const known = all.get(id);
  // More children have ended than the record lists: Redis went back in time.
  const own = known === undefined || known.size > children.length ? new Map<string, Child>() : known;
  remember(all, id, own);
  return own;
}

/** Puts an entry last, and drops the oldest where there are too many. */
function remember<T>(all: Map<string, T>, id: string, value: T): void {
  all.delete(id);
  all.set(id, value);
  const [oldest] = all.keys();
  if (all.size > MOST && oldest !== undefined) all.delete(oldest);
}

function standing(child: RequestRecord | undefined): Text {
  if (child?.run != null) return child.run.note;
  return child?.waiting == null ? "queued" : child.waiting.words;
}
