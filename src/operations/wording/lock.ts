import { type Lock, lockWords } from "../../model/lock.ts";
import { type Text, t } from "../../model/text.ts";

/** One line about a lock, for answers about what it locks. */
export const lockLine = (lock: Lock): Text => t`🔒 ${lockWords(lock)}`;
