import type { Refusal } from "../../model/report.ts";
import { code, type Text, t } from "../../model/text.ts";
import type { Decision } from "../../policy/decide.ts";
import { oneAccount, united } from "../../policy/membership.ts";
import type { Policy } from "../../policy/policy.ts";
import { ANNOUNCED, announcementRefusal } from "../card/announcing.ts";
import { copyRefusal } from "../card/copies.ts";
import type { Cluster, Engine } from "../ports/engine.ts";
import type { BreakGlass, RequestRecord } from "../record/record.ts";
import { requestRef } from "../record/record.ts";
import type { Cards } from "../record/store.ts";

/** What a request made with break-glass has instead of an approval. */
export function glassOf(
  { policy }: { policy: Policy },
  { actor, place }: Pick<RequestRecord, "actor" | "place">,
  { decision, config }: { decision: Extract<Decision, { is: "break glass" }>; config: Cluster["config"] },
): BreakGlass {
  const { review: from, announce } = decision;
  const channel = announce ?? config.approvals ?? place.channel;
  return {
    review: { from, count: 1, by: united(policy, from) },
    ...(channel !== place.channel && { copyIn: channel }),
    claim: `break-glass/${oneAccount(policy, actor.user)}`,
    reviewed: null,
  };
}

/** Why a second use has to wait: nobody has reviewed the one before. */
export async function unreviewedWords(engine: Pick<Engine, "link">, before: string): Promise<Refusal> {
  const ref = requestRef(before, await engine.link(before));
  return {
    refuse: t`You have used break-glass in request ${ref}, which nobody has reviewed yet. Nothing was changed.`,
    instead: [
      "Ask for its review: the button is on its card once it has ended.",
      t`Without ${code("--break-glass")} you can ask for approval at any time.`,
    ],
  };
}

/** Whether people can see the announcement that break-glass needs before its start. */
export function isAnnounced(
  { breakGlass, place }: Pick<RequestRecord, "breakGlass" | "place">,
  { said }: Cards,
): { is: "yes" | "not yet" } | { is: "never"; why: Text } {
  if (breakGlass === undefined || said.has(ANNOUNCED)) return { is: "yes" };
  const why = copyRefusal(said) ?? announcementRefusal(said);
  const channel = breakGlass.copyIn ?? place.channel;
  if (why === null) return { is: "not yet" };
  return {
    is: "never",
    why: t`break-glass is announced before it starts, and ${{ channel }} cannot be used: ${why}`,
  };
}
