import { vote } from "../approvals/votes.ts";
import { RedisUnavailable } from "../errors.ts";
import type { Log } from "../log.ts";
import type { People } from "../policy/person.ts";
import type { Policy } from "../policy/policy.ts";
import { auditLine } from "../requests/audit.ts";
import type { Click, Door } from "../requests/door.ts";
import type { RequestRecord } from "../requests/record.ts";
import type { Store } from "../requests/store.ts";

export interface ClickOptions {
  store: Store;
  policy: Policy;
  people: People;
  /** ms */
  startAfterApproval: number;
  /** Of a record's cluster. */
  wake(record: RequestRecord): Promise<void>;
  log: Log;
}

/** Commits a vote or a withdrawal. Nobody is swallowed: what does not count is told why. */
export function createClick(options: ClickOptions): Door["click"] {
  return async (click) => {
    try {
      return await count(options, click);
    } catch (error) {
      options.log.error({ requestId: click.requestId, err: error }, "click not counted");
      if (error instanceof RedisUnavailable && error.maybeTaken)
        return {
          tell: "Redis did not confirm your click in time: it may have counted. The card shows it within a minute; press again if it does not.",
        };
      return { tell: "Your click could not be checked, so it did not count. Press again in a moment." };
    }
  };
}

async function count(options: ClickOptions, click: Click): ReturnType<Door["click"]> {
  const person = await options.people.lookup(click.actor);
  for (;;) {
    const held = await options.store.load(click.requestId);
    if (held.record === null)
      return { tell: "This request is not known here: it is too old, or belongs to another deployment." };
    const { record } = held;
    if (click.card !== null) await options.store.addCard(record.id, click.card);
    const verdict = vote(options.policy, options.startAfterApproval, {
      record,
      click,
      person,
      now: held.now,
    });
    if (verdict.is === "tell") {
      await refused(options, record, click, verdict.rule, held.now);
      if (click.card !== null) void options.wake(record);
      return { tell: verdict.text };
    }
    const audit = [...(verdict.extras.audit ?? [])];
    if (verdict.event !== null)
      audit.push(
        auditLine(verdict.next, verdict.event, held.now, click.actor.user, { digest: click.digest }),
      );
    const committed = await options.store.commit([{ rev: held.rev, next: verdict.next }], {
      ...verdict.extras,
      audit,
    });
    // somebody else moved it meanwhile: judge again by what it is now
    if (committed.is === "fenced") continue;
    options.log.info({ requestId: record.id, click: click.kind, state: verdict.next.state }, "click counted");
    void options.wake(verdict.next);
    return null;
  }
}

async function refused(
  options: ClickOptions,
  record: RequestRecord,
  click: Click,
  rule: string,
  now: number,
): Promise<void> {
  const { user } = click.actor;
  const entry = auditLine(record, "click refused", now, user, { kind: click.kind, rule });
  await options.store.refused(record.id, `${user} ${click.kind} ${rule}`, entry);
  options.log.info({ requestId: record.id, click: click.kind, rule }, "click refused");
}
