import { type Lock, scopeName } from "../../model/lock.ts";
import { b, type Text, t } from "../../model/text.ts";
import { shown } from "./job.ts";

/** One line about a lock, for answers about what it locks. */
export const lockLine = (lock: Lock): Text =>
  t`🔒 ${b(shown(scopeName(lock)))} is locked by ${{ person: lock.by }} until ${{ at: lock.until }}: ${shown(lock.reason)}`;
