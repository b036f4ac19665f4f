import { destroys } from "../../model/effect.ts";
import { code, plain, type Text, t } from "../../model/text.ts";
import { MAY, mayNot, type Verdict } from "../../model/verdict.ts";
import type { Engine } from "../ports/engine.ts";
import type { RequestRecord, Run } from "../record/record.ts";
import { runOf } from "../record/transitions.ts";
import type { Held } from "../record/store.ts";

/**
 * Whether the effect of a held record may be sent as far as the audit log is concerned: a destructive one only once the
 * entry that announces it is in every required sink. `entry`: that entry's id in the stream.
 */
export async function isAudited(
  engine: Pick<Engine, "audited">,
  { record, now }: Pick<Held, "record" | "now">,
  entry: string | undefined,
): Promise<Verdict<string>> {
  if (engine.audited === null || !isDestructive(record)) return MAY;
  const { lease } = runOf(record);
  const verdict =
    entry === undefined
      ? mayNot("its entry is not known")
      : await engine.audited(entry, (lease?.until ?? now) - now);
  return verdict.is === "may" ? MAY : mayNot(plain(verdict.why));
}

/**
 * What takes something away, and the first effect of a destructive request. A restart that has stopped its job starts it
 * again without waiting for a sink.
 */
const isDestructive = ({ class: is, run }: RequestRecord): boolean =>
  destroys(run?.effect ?? null) || (is === "destructive" && Object.keys(run?.results ?? {}).length === 0);

/** What the card says of an effect that waits for the audit log. `why`: as `isAudited` says it. */
export const unsentWords = (why: string): Text =>
  t`Not sent yet: the audit log must have this first, and ${why}. Nothing was changed by it; trying again. ${code("flinkops check")} shows the audit log.`;

/** Why an effect has not been sent so far, to follow a sentence; empty where it is not the audit log. */
export const soFar = ({ unaudited }: Run): string => (unaudited === undefined ? "" : `: ${unaudited}`);
