/** One request as the export of the audit log tells it, without any other source. */
export interface Story {
  who: string;
  /** The requester's name at that time. */
  name: string | null;
  what: { operation: string; args: unknown; cluster: string };
  why: string | null;
  /** What the card said when it was asked. */
  seen: { headline: string } | null;
  digest: string | null;
  approved: { by: string; name: string | null; saw: string }[];
  sent: { effectId: string; effect: { do: string; jobId?: string }; answer: { is: string } | null }[];
  ending: string;
  outcome: string | null;
}

interface Line {
  event: string;
  requestId: string;
  requester: string;
  actor: string;
  operation: string;
  args: unknown;
  cluster: string;
  reason: string | null;
  detail: { readonly [key: string]: unknown };
}

const ENDS = ["refused", "denied", "expired", "withdrawn", "void", "superseded", "ended"];

/** Every request of an export, by its id. Throws where an approval is not for what was asked. */
export function rebuilt(exported: string): ReadonlyMap<string, Story> {
  const stories = new Map<string, Story>();
  for (const line of exported.split("\n").filter((one) => one.startsWith("{"))) {
    const entry = JSON.parse(line) as Line;
    const { detail } = entry;
    if (entry.requestId === "") continue;
    const story = stories.get(entry.requestId) ?? begun(entry);
    stories.set(entry.requestId, story);
    if (entry.event === "asked") {
      story.name = detail["name"] as string | null;
      story.seen = detail["seen"] as Story["seen"];
      story.digest = detail["digest"] as string;
    } else if (entry.event === "approved") {
      const saw = detail["digest"] as string;
      if (saw !== story.digest) throw new Error(`${entry.requestId}: approved something else`);
      story.approved.push({ by: entry.actor, name: detail["name"] as string | null, saw });
    } else if (entry.event === "calling") {
      const effectId = detail["effectId"] as string;
      if (story.sent.some((one) => one.effectId === effectId)) continue;
      story.sent.push({
        effectId,
        effect: detail["effect"] as Story["sent"][number]["effect"],
        answer: null,
      });
    } else if (entry.event === "called") {
      const one = story.sent.find(({ effectId }) => effectId === detail["effectId"]);
      if (one === undefined) throw new Error(`${entry.requestId}: an answer to nothing`);
      one.answer = detail["sent"] as { is: string };
    } else if (ENDS.includes(entry.event) && "outcome" in detail) {
      story.ending = entry.event;
      story.outcome = detail["outcome"] as string;
    }
  }
  // what was never answered was never sent, or the story would not have ended so
  for (const story of stories.values()) story.sent = story.sent.filter(({ answer }) => answer !== null);
  return stories;
}

const begun = ({ requester, operation, args, cluster, reason }: Line): Story => ({
  who: requester,
  name: null,
  what: { operation, args, cluster },
  why: reason,
  seen: null,
  digest: null,
  approved: [],
  sent: [],
  ending: "open",
  outcome: null,
});
