import { z } from "zod";
import { scopeName } from "../model/lock.ts";
import { defineLocal } from "../model/operation.ts";
import { b, t } from "../model/text.ts";
import { count } from "../model/units.ts";
import { shown } from "./wording/job.ts";

const MOST_OFFERED = 4;

/** Lists what is locked. */
export const locks = defineLocal({
  kind: "local",
  name: "locks",
  summary: "List what is locked, by whom, until when and why",
  examples: ["locks"],
  args: z.strictObject({}),
  positionals: [],
  class: "view",
  find: () => ({ find: "none" }),

  async answer(c) {
    const all = (await c.locks.all()).toSorted((a, z) => a.until - z.until);
    if (all.length === 0) return { outcome: "done", headline: "Nothing is locked", lines: [] };
    return {
      outcome: "done",
      headline: count(all.length, "lock"),
      lines: [],
      table: {
        head: ["Locked", "By", "Until", "Why"],
        rows: all.map((lock) => [
          t`${b(shown(scopeName(lock)))}`,
          t`${{ person: lock.by }}`,
          t`${{ at: lock.until }}`,
          shown(lock.reason),
        ]),
      },
      offers: all.slice(0, MOST_OFFERED).map((lock) => ({
        label: `Unlock ${shown(scopeName(lock), 40)}`,
        operation: "unlock",
        args: { where: scopeName(lock) },
      })),
    };
  },
});
