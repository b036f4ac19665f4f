import { auditLine } from "./audit.ts";
import type { AnyChange } from "./context.ts";
import type { Engine } from "./engine.ts";
import { isLive, type RequestRecord } from "./record.ts";
import type { Committed, Extras, Held } from "./store.ts";

type Taken =
  | { is: "ok"; next: RequestRecord }
  | { is: "busy"; holder: string }
  | { is: "late" }
  | { is: "fenced" };

/** A job, its name and what replaced it may be held by so many others at once; more is somebody else's trouble. */
const MOST_HOLDERS = 8;

/**
 * The start commit. Where other requests hold what this one needs and this row supersedes, all records move in one commit:
 * the others send nothing more, and the claims are ours.
 */
export async function takeClaim(
  engine: Engine,
  held: Held,
  { next, row }: { next: RequestRecord; row: AnyChange },
  extras: Extras,
): Promise<Taken> {
  const others: Held[] = [];
  for (;;) {
    const { moves, record, audit } = await takingOver(engine, held, next, others);
    const committed = await engine.store.commit(moves, {
      ...extras,
      audit: [...audit, ...(extras.audit ?? [])],
      take: record.claims,
      from: others.map((o) => o.record.id),
    });
    const canTakeOver = row.preempts?.(next.args) === true && others.length < MOST_HOLDERS;
    if (committed.is !== "busy" || !canTakeOver) return taken(committed, record);
    const other = await engine.store.load(committed.holder);
    if (other.record === null || !isLive(other.record)) return committed;
    others.push(other);
  }
}

async function takingOver(engine: Engine, held: Held, next: RequestRecord, others: readonly Held[]) {
  const link = others.length === 0 ? null : await engine.link(next.id);
  const links = await Promise.all(others.map(async (o) => await engine.link(o.record.id)));
  const record: RequestRecord = {
    ...next,
    supersedes: others.map((o, i) => ({ requestId: o.record.id, link: links[i] ?? null })),
  };
  const theirs = others.map((o) => ({
    rev: o.rev,
    next: { ...o.record, supersededBy: { requestId: next.id, actor: next.actor.user, link } },
  }));
  return {
    record,
    moves: [{ rev: held.rev, next: record }, ...theirs],
    audit: theirs.map((t) => auditLine(t.next, "superseded", held.now, next.actor.user, { by: next.id })),
  };
}

const taken = (committed: Committed, next: RequestRecord): Taken => {
  if (committed.is === "ok") return { is: "ok", next };
  return committed.is === "fenced" ? { is: "fenced" } : committed;
};
