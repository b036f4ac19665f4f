import { noticeLine } from "../model/audit-entry.ts";
import type { Log } from "../platform/log.ts";
import type { Inbox } from "../requests/ports/inbox.ts";
import type { Store } from "../requests/record/store.ts";

/** Records presses and forms that are not from a card of this deployment: anyone can forge them. */
export function createForeign({
  store,
  log,
}: {
  store: Pick<Store, "now" | "refused">;
  log: Pick<Log, "info" | "warn">;
}): Inbox["foreign"] {
  return async ({ actor: { user }, channel, kind, rule }) => {
    try {
      const entry = noticeLine("click refused", {
        at: await store.now(),
        actor: user,
        channel: channel ?? "",
        headline: `A ${kind} that is not from a card of this deployment`,
        detail: { kind, rule },
      });
      // under the person's own name, so that nobody can use up the entries of someone else
      await store.refused(`foreign/${user}`, `${user} ${kind} ${rule}`, entry);
      log.info({ user, kind, rule }, "click refused");
    } catch (error) {
      log.warn({ user, kind, rule, err: error }, "a refused click is not in the audit log");
    }
  };
}
