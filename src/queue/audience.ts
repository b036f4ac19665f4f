import type { Find, Target } from "../model/target.ts";
import { isRefusal, type Offer, type Refusal, type Report } from "../model/report.ts";
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

/** What is known of an operation that an answer offers. */
export interface Offered {
  /** Whether it only shows something that everyone may see; also if this version does not know the operation. */
  isView: (operation: string) => boolean;
  /** Whether the person who asked may use it. */
  may: (operation: string) => boolean;
}

/** Whether the answer offers something that not everyone may do. */
export const offersChanges = (what: Report | Refusal, isView: Offered["isView"]): boolean =>
  (what.offers ?? []).some((o) => !isView(o.operation));

/**
 * The answer with the buttons that fit its audience. One person sees what that person may do, and a button that posts
 * the answer. An answer that everyone sees offers no change: everyone could press it, also those who may only look.
 * Instead it has a button that shows its presser the same answer alone. Both buttons ask the same question again: the
 * policy judges the person who presses, and the answer is read anew. The job is bound by its id.
 */
export function withOffersFor(
  what: Report | Refusal,
  a: Answered,
  { isView, may }: Offered,
): Report | Refusal {
  const all = what.offers ?? [];
  const mine = all.filter((o) => isView(o.operation) || may(o.operation));
  if (isRefusal(what)) return all.length === mine.length ? what : { ...what, offers: mine };
  const ask = (label: string, args: Offer["args"]): Offer => ({ label, operation: a.operation, args });
  if (isForAll(a)) {
    if (!offersChanges(what, isView)) return what;
    // a file is shown to everyone, so such an answer cannot be shown to one person
    const own = isOnlyForAll(what) ? [] : [ask("Show my actions", boundArgs(a))];
    return { ...what, offers: [...all.filter((o) => isView(o.operation)), ...own] };
  }
  if (a.channel.member)
    return { ...what, offers: [...mine, ask("Post to channel", { ...boundArgs(a), post: true })] };
  return all.length === mine.length ? what : { ...what, offers: mine };
}

function boundArgs({ args, find, target }: Answered): { readonly [key: string]: Json } {
  if (target.kind === "cluster") return { ...args, cluster: target.cluster };
  if (target.kind !== "job" || find.find !== "job") return args;
  // Only the first match is replaced, because a vertex may have the same name as its job.
  const key = Object.keys(args).find((k) => args[k] === find.job);
  return key === undefined ? args : { ...args, [key]: `${target.cluster}/${target.jobId}` };
}
