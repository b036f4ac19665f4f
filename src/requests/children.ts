import type { Text } from "../operations/text.ts";
import type { Child } from "../operations/views.ts";
import type { Engine } from "./engine.ts";
import type { RequestRecord } from "./record.ts";

/** The requests that this one has started, as its row sees them. One round trip, none where there are none. */
export async function childrenOf(engine: Engine, record: RequestRecord): Promise<readonly Child[]> {
  if (record.children.length === 0) return [];
  const held = await engine.store.loadMany(record.children.map((c) => c.id));
  const known = new Map(held.map((h) => [h.record.id, h.record]));
  return record.children.map(({ id, jobId, name }): Child => {
    const child = known.get(id);
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

function standing(child: RequestRecord | undefined): Text {
  if (child?.run != null) return child.run.note;
  return child?.waiting == null ? "queued" : child.waiting.words;
}
