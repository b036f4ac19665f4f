import { z } from "zod";
import { shown } from "./wording/job.ts";
import { defineLocal } from "../model/operation.ts";
import { code, t } from "../model/text.ts";

/**
 * Whether this person may withdraw the request, and whether it is still possible, is decided where requests are
 * stored.
 */
export const withdraw = defineLocal({
  kind: "local",
  personal: true,
  name: "withdraw",
  summary: "Withdraw your own request before it starts",
  examples: ["withdraw r3f9c12a"],
  args: z.strictObject({
    request: z.string().trim().min(6).max(100).describe("the request's id, as its card shows it"),
  }),
  positionals: ["request"],
  class: "view",
  find: (args) => ({ find: "request", request: args.request }),

  async answer(c) {
    if (c.target.kind === "request") return { move: "withdraw", requestId: c.target.requestId };
    return {
      refuse: t`There is no request ${code(shown(c.args.request))}.`,
      instead: [t`${code(`${c.command} requests --mine --open`)} lists your requests.`],
    };
  },
});
