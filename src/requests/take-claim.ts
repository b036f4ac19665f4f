import { auditLine } from "./audit.ts";
import type { AnyChange } from "./context.ts";
import type { Engine } from "./engine.ts";
import type { RequestRecord } from "./record.ts";
import type { Committed, Extras, Held } from "./store.ts";

type Taken =
  | { is: "ok"; next: RequestRecord }
  | { is: "busy"; holder: string }
  | { is: "late" }
  | { is: "fenced" };

/**
 * The start commit. Where another request holds the job and this row supersedes, both records move in one commit:
 * the other sends nothing more, and the claim is ours.
 */
export async function takeClaim(
  engine: Engine,
  held: Held,
  next: RequestRecord,
  row: AnyChange,
  extras: Extras,
): Promise<Taken> {
  const take = next.claims.map((name) => ({ name }));
  const first = await engine.store.commit([{ rev: held.rev, next }], { ...extras, take });
  if (first.is !== "busy" || row.preempts?.(next.args) !== true) return withNext(first, next);
  const other = await engine.store.load(first.holder);
  if (other.record === null) return first;
  const until = (other.record.run?.lease?.until ?? 0) + engine.timings.flinkTimeout;
  const mine: RequestRecord = { ...next, supersedes: { requestId: other.record.id, until } };
  const theirs: RequestRecord = {
    ...other.record,
    supersededBy: { requestId: next.id, actor: next.actor.user },
  };
  const superseded = auditLine(theirs, "superseded", held.now, next.actor.user, { by: next.id });
  const from = other.record.id;
  const both = await engine.store.commit(
    [
      { rev: held.rev, next: mine },
      { rev: other.rev, next: theirs },
    ],
    {
      ...extras,
      audit: [superseded, ...(extras.audit ?? [])],
      take: next.claims.map((name) => ({ name, from })),
    },
  );
  return withNext(both, mine);
}

const withNext = (committed: Committed, next: RequestRecord): Taken => {
  if (committed.is === "ok") return { is: "ok", next };
  return committed.is === "fenced" ? { is: "fenced" } : committed;
};
