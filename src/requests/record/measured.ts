import type { Measures } from "../../model/measures.ts";
import type { RequestRecord } from "./record.ts";
import type { Store } from "./store.ts";

/** A commit that counts where it found a record changed meanwhile. */
export const measuring =
  (commit: Store["commit"], measures: Measures): Store["commit"] =>
  async (moves, extras) => {
    const committed = await commit(moves, extras);
    if (committed.is === "fenced") measures.count("flinkops.commit.fenced");
    return committed;
  };

/** Measures a request whose outcome has been shown. */
export function measureEnd(measures: Measures, record: RequestRecord): void {
  const { operation, approval, askedAt, end, target } = record;
  if (end === null) return;
  const of = { operation, cluster: target.cluster };
  const { ending, report } = end;
  measures.took("flinkops.request.duration", end.at - askedAt, { ...of, ending, outcome: report.outcome });
  const votes = (approval?.votes ?? []).filter((v) => v.kind === "approve").map((v) => v.at);
  if (votes.length > 0 && record.run !== null)
    measures.took("flinkops.request.approval.duration", Math.max(...votes) - askedAt, of);
}
