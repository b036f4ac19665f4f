import type { Text } from "../model/text.ts";
import { MAY, mayNot, type Verdict } from "../model/verdict.ts";
import type { Clock } from "../platform/clock.ts";
import { type AuditStream, isUpTo } from "./stream.ts";

/** How long an effect waits for its entry, ms, and how often the waiting process reads. */
const LONGEST_MS = 5000;
const FIRST_MS = 10;
const LAST_MS = 100;

/**
 * Whether an audit entry is chained and in every required sink; waits for that, at most 5 s and at most `withinMs`.
 * `entry`: its id in the stream, as the commit returned it.
 */
export type Gate = (entry: string, withinMs: number) => Promise<Verdict<Text>>;

export function createGate({ stream, clock }: { stream: Pick<AuditStream, "reached">; clock: Clock }): Gate {
  return async (entry, withinMs) => {
    const until = clock.monotonic() + Math.min(LONGEST_MS, withinMs);
    for (let pause = FIRST_MS; ; pause = Math.min(2 * pause, LAST_MS)) {
      const reached = await stream.reached();
      if (reached !== null && reached.of !== "" && isUpTo(entry, reached.of)) return MAY;
      if (clock.monotonic() + pause >= until) return mayNot(reached?.problem ?? NO_SEALER);
      await clock.sleep(pause);
    }
  };
}

const NO_SEALER =
  "no worker has chained the entry; check the log of the workers for `the audit log cannot be chained`";
