import type { Offer } from "../../model/report.ts";
import type { RequestRecord } from "./record.ts";

/**
 * The button that asks for the same again, with the same arguments and reason. It is like typing the command: whoever
 * presses it is the requester, and the new request needs its own approval.
 */
export const askAgain = ({ operation, args, target, reason }: RequestRecord): Offer => ({
  label: "Ask again",
  operation,
  args: { ...args, cluster: target.cluster, ...(reason === null ? {} : { reason }) },
});
