import type { Text } from "../operations/text.ts";
import type { Child } from "../operations/views.ts";
import type { Engine } from "./engine.ts";
import type { RequestRecord } from "./record.ts";
import type { Held } from "./store.ts";

/** A child that begins at all has a record by then, after its time to start; only what is not ours has none. */
const SILENT_MS = 60_000;

/** The requests that this one has started, as its row sees them. One round trip, none where there are none. */
export async function childrenOf(
  engine: Engine,
  { record, now }: Pick<Held, "record" | "now">,
): Promise<readonly Child[]> {
  if (record.children.length === 0) return [];
  const held = await engine.store.loadMany(record.children.map((c) => c.id));
  const known = new Map(held.map((h) => [h.record.id, h.record]));
  const isSilent = now > (record.run?.enteredAt ?? now) + engine.timings.startWithin + SILENT_MS;
  return record.children.map(({ id, jobId, name }): Child => {
    const child = known.get(id);
    if (child === undefined && isSilent)
      return { jobId, jobName: name, outcome: "unknown", says: NO_WORD, lines: [], facts: {} };
    const end = child?.end ?? null;
    return {
      jobId,
      jobName: name,
      outcome: end === null ? null : end.report.outcome,
      says: end === null ? standing(child) : end.report.headline,
      lines: end?.report.lines ?? [],
      facts: end?.report.facts ?? {},
    };
  });
}

const NO_WORD =
  "nothing is known of it: what Redis holds of it is not as flinkops wrote it, or is gone. Look at the job itself";

function standing(child: RequestRecord | undefined): Text {
  if (child?.run != null) return child.run.note;
  return child?.waiting == null ? "queued" : child.waiting.words;
}
