import type { Find, Target } from "../model/target.ts";
import { isRefusal, type Refusal, type Report } from "../model/report.ts";
import type { Json } from "../model/json.ts";
import type { ChannelFacts } from "../requests/ports/conversation.ts";
import type { Place } from "../requests/record/record.ts";

/** An answer and what it answers. */
export interface Answered {
  operation: string;
  args: { readonly [key: string]: Json };
  find: Find;
  target: Target;
  place: Place;
  channel: ChannelFacts;
  /** Asked for everybody to see. */
  post: boolean;
}

/** Whether the whole channel sees it: asked so, or in the thread that a mention came from, where people work together. */
export const isForAll = (a: Pick<Answered, "place" | "post">): boolean =>
  a.post || (a.place.door === "mention" && a.place.thread !== null);

/** Slack shows a file to everybody or to nobody. */
export const isOnlyForAll = (what: Report | Refusal): boolean => !isRefusal(what) && what.file !== undefined;

/** Null: it can be shown to everybody here. */
export const cannotPost = (a: Pick<Answered, "post" | "channel">): Refusal | null =>
  a.post && !a.channel.member
    ? {
        refuse: "flinkops is not in this channel, so it cannot post here.",
        instead: [a.channel.join],
      }
    : null;

/**
 * What only one person sees can be shown to the others by a button, which asks the same question again: whoever presses
 * it is judged anew, and the answer is as of then. The job is bound by its id.
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
  // the first alone: a vertex may be called as its job is
  const key = Object.keys(args).find((k) => args[k] === find.job);
  return key === undefined ? args : { ...args, [key]: `${target.cluster}/${target.jobId}` };
}
