import { type Notice, type NoticeEvent, noticeLine } from "../../model/audit-entry.ts";
import { RedisUnavailable } from "../../model/errors.ts";
import type { Json } from "../../model/json.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { Store } from "./store.ts";

/** What happened, without its time: it has just happened. */
export interface JustNow extends Omit<Notice, "at" | "detail"> {
  detail: { readonly [key: string]: Json };
}

/** Writes audit entries that no commit of a request carries. */
export interface Notices {
  /** Returns at once. While Redis does not take the entry, it is kept in this process and tried again. */
  write(event: NoticeEvent, what: JustNow): void;
  /** Lets the current try finish; what Redis has not taken by then is lost. */
  close(): Promise<void>;
}

export interface NoticesOptions {
  store: Pick<Store, "now" | "commit">;
  log: Pick<Log, "warn">;
  clock: Pick<Clock, "monotonic" | "sleep">;
}

const RETRY_MS = 250;

export function createNotices({ store, log, clock }: NoticesOptions): Notices {
  const waiting: { event: NoticeEvent; what: JustNow; happened: number; tries: number }[] = [];
  const stop = new AbortController();
  let running: Promise<void> | null = null;

  const writeFirst = async (): Promise<void> => {
    const [first] = waiting;
    if (first === undefined) return;
    const { event, what, happened, tries } = first;
    const at = Math.round((await store.now()) - (clock.monotonic() - happened));
    // the first try may have been written too
    const detail = tries === 0 ? what.detail : { ...what.detail, again: tries };
    try {
      await store.commit([], { audit: [noticeLine(event, { ...what, at, detail })] });
    } catch (error) {
      if (error instanceof RedisUnavailable && error.maybeTaken) first.tries += 1;
      throw error;
    }
    waiting.shift();
  };
  const writeAll = async (): Promise<void> => {
    let isTold = false;
    while (waiting.length > 0 && !stop.signal.aborted)
      try {
        await writeFirst();
      } catch (error) {
        if (!isTold) log.warn({ event: waiting[0]?.event, err: error }, "audit entry is not written yet");
        isTold = true;
        await clock.sleep(RETRY_MS, stop.signal);
      }
    running = null;
  };
  return {
    write(event, what) {
      waiting.push({ event, what, happened: clock.monotonic(), tries: 0 });
      running ??= writeAll();
    },
    async close() {
      stop.abort();
      await running;
    },
  };
}
