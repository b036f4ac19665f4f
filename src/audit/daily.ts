import { NotOurTurn, SlackUnavailable } from "../model/errors.ts";
import type { Refusal } from "../model/report.ts";
import { b, code, t } from "../model/text.ts";
import type { Log } from "../platform/log.ts";
import { type Head, headText, statement } from "./chain.ts";
import type { Signer } from "../platform/signing.ts";
import type { AuditStream } from "./stream.ts";

export interface DailyOptions {
  stream: Pick<AuditStream, "daily" | "saveDaily">;
  sign: Signer | null;
  /** Of the installation; null: there is only one. */
  label: string | null;
  /** Posts to the channel. Throws SlackUnavailable, SlackRefused. */
  notice: (what: Refusal) => Promise<void>;
  log: Pick<Log, "warn" | "info">;
}

/** Posts the head of the chain, so that a copy exists that whoever holds Redis and the sinks cannot change. */
export interface Daily {
  /**
   * Once a day (UTC), where there are new entries. Returns at once, because the sealer does not wait for Slack. `now`:
   * Redis's clock, ms.
   */
  post(token: string, head: Head, now: number): void;
}

export function createDaily({ stream, sign, label, notice, log }: DailyOptions): Daily {
  /** The day for which nothing more is to be done. */
  let doneFor: string | null = null;
  /** Slack asked to wait until then, ms by Redis's clock. */
  let notBefore = 0;
  let isBusy = false;
  const post = async (token: string, head: Head, now: number): Promise<void> => {
    const day = new Date(now).toISOString().slice(0, 10);
    if (day === doneFor || now < notBefore || head.n === 0) return;
    const before = await stream.daily();
    if (before?.day === day) {
      doneFor = day;
      return;
    }
    if (before?.n === head.n) return;
    // written before it is posted: a process that dies in between costs a day's message, and never repeats one
    if ((await stream.saveDaily(token, { day, n: head.n })) === "fenced") return;
    doneFor = day;
    try {
      await notice(dailyWords(head, { sign, label }));
      log.info({ head: headText(head) }, "head of the audit log posted");
    } catch (error) {
      log.warn({ err: error }, "head of the audit log not posted");
      const waitMs = error instanceof SlackUnavailable ? error.retryAfterMs : 0;
      // only a message that Slack has certainly not shown is tried again
      if (!(error instanceof NotOurTurn) && waitMs === 0) return;
      await stream.saveDaily(token, before ?? { day: "", n: 0 });
      doneFor = null;
      notBefore = now + Math.max(waitMs, 1000);
    }
  };
  return {
    post(token, head, now) {
      if (isBusy) return;
      isBusy = true;
      void post(token, head, now)
        .catch((error: unknown) => log.warn({ err: error }, "head of the audit log not posted"))
        .finally(() => {
          isBusy = false;
        });
    },
  };
}

/** The message for the channel. */
export function dailyWords(
  head: Head,
  { sign, label }: { sign: Signer | null; label: string | null },
): Refusal {
  const of = label === null ? "" : ` of ${label}`;
  const signature = sign === null ? "" : `:${sign.sign(statement(head))}`;
  return {
    refuse: t`${b(`Audit log${of}`)}: ${head.n} ${head.n === 1 ? "entry" : "entries"} up to now. Head: ${code(`${headText(head)}${signature}`)}`,
    instead: [t`An auditor verifies an export with ${code("flinkops audit verify --head <head> <file>")}.`],
  };
}
