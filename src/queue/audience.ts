import type { Find, Target } from "../model/target.ts";
import { isRefusal, type Refusal, type Report } from "../model/report.ts";
import type { Json } from "../model/json.ts";
import { MAY, mayNot, type Verdict } from "../model/verdict.ts";
import type { ChannelFacts } from "../requests/ports/conversation.ts";
import type { Place } from "../requests/record/record.ts";

/** An answer, together with the question that it answers. */
export interface Answered {
  operation: string;
  args: { readonly [key: string]: Json };
  find: Find;
  target: Target;
  place: Place;
  channel: ChannelFacts;
  /** The requester asked for an answer that everybody sees. */
  post: boolean;
}

/**
 * Whether the whole channel sees the answer: on request, or in a thread where the bot was mentioned, because people
 * work together there.
 */
export const isForAll = (a: Pick<Answered, "place" | "post">): boolean =>
  a.post || (a.place.door === "mention" && a.place.thread !== null);

/** A report with a file is shown to everybody, because Slack cannot show a file to one person. */
export const isOnlyForAll = (what: Report | Refusal): boolean => !isRefusal(what) && what.file !== undefined;

/** Whether the answer can be posted. The bot posts only to channels that it is in. */
export const postRefusal = (a: Pick<Answered, "post" | "channel">): Verdict<Refusal> =>
  a.post && !a.channel.member
    ? mayNot({
        refuse: "flinkops is not in this channel, so it cannot post here.",
        instead: [a.channel.join],
      })
    : MAY;

/**
 * Adds a button that posts a private answer to the channel. The button asks the same question again: the policy
 * judges the person who presses it, and the answer is read anew. The job is bound by its id.
 */
export function withPostButton(what: Report | Refusal, a: Answered): Report | Refusal {
  if (isRefusal(what) || isForAll(a) || !a.channel.member) return what;
  const args = { ...boundArgs(a), post: true };
  return {
    ...what,
    offers: [...(what.offers ?? []), { label: "Post to channel", operation: a.operation, args }],
  };
}

function boundArgs({ args, find, target }: Answered): { readonly [key: string]: Json } {
  if (target.kind === "cluster") return { ...args, cluster: target.cluster };
  if (target.kind !== "job" || find.find !== "job") return args;
  // Only the first match is replaced, because a vertex may have the same name as its job.
  const key = Object.keys(args).find((k) => args[k] === find.job);
  return key === undefined ? args : { ...args, [key]: `${target.cluster}/${target.jobId}` };
}
