import type { Lock } from "../../model/lock.ts";
import { auditLine } from "../record/audit.ts";
import type { AnyChange } from "./phase-context.ts";
import type { Engine } from "../ports/engine.ts";
import { isLive, type RequestRecord } from "../record/record.ts";
import type { Committed, Extras, Held } from "../record/store.ts";

type Taken =
  /** `entry`: the stream id of the commit's last audit entry. */
  | { is: "ok"; next: RequestRecord; entry: string | undefined }
  | { is: "busy"; holder: string }
  | { is: "late" }
  | { is: "locked"; lock: Lock }
  | { is: "fenced" };

/** How many holders are taken over in one commit: those of a job, of its name and of what replaced it. */
const MOST_HOLDERS = 8;

/**
 * The start commit. Where a brake needs claims that other requests hold, all records move in one commit:
 * the others send nothing more, and their claims pass to this request.
 */
export async function takeClaim(
  engine: Engine,
  held: Held,
  { next, operation, extras }: { next: RequestRecord; operation: AnyChange; extras: Extras },
): Promise<Taken> {
  const others: Held[] = [];
  // Holders that do nothing any more: ended requests, and for a brake also forged records.
  const idle: string[] = [];
  for (;;) {
    const { moves, record, audit } = await takingOver(engine, held, { next, others });
    const committed = await engine.store.commit(moves, {
      ...extras,
      audit: [...audit, ...(extras.audit ?? [])],
      take: record.claims,
      from: [...others.map((o) => o.record.id), ...idle],
    });
    if (committed.is !== "busy" || others.length + idle.length >= MOST_HOLDERS)
      return taken(committed, record);
    const isBrake = operation.preempts?.(next.args) === true;
    const other = await engine.store.load(committed.holder);
    const isIdle = other.record === null ? isBrake && other.forged : !isLive(other.record);
    if (isIdle) idle.push(committed.holder);
    else if (isBrake && other.record !== null) others.push(other);
    else return committed;
  }
}

async function takingOver(
  engine: Engine,
  held: Held,
  { next, others }: { next: RequestRecord; others: readonly Held[] },
) {
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
    audit: theirs.map((t) =>
      auditLine(t.next, "superseded", { at: held.now, actor: next.actor.user, detail: { by: next.id } }),
    ),
  };
}

const taken = (committed: Committed, next: RequestRecord): Taken => {
  if (committed.is === "ok") return { is: "ok", next, entry: committed.entry };
  return committed.is === "fenced" ? { is: "fenced" } : committed;
};
