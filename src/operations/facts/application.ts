import { REFUSED_MS, redeployed } from "../../model/application-cluster.ts";
import { isTerminal, type Sighting } from "../../model/flink-jobs.ts";
import { resumeOffers } from "../../model/ended-job.ts";
import type { Intent } from "../../model/intent.ts";
import type { Json } from "../../model/json.ts";
import type { Context, PhaseContext } from "../../model/operation.ts";
import type { Offer } from "../../model/report.ts";
import type { Text } from "../../model/text.ts";
import { count } from "../../model/units.ts";
import { optional } from "../../model/optional.ts";

/** For the card of a change that ends a job: what ends with it. */
export interface EndsWithIt {
  warnings: readonly Text[];
  /** For the intent: `endsWithJob` reads it back. */
  facts: { readonly [key: string]: Json };
}

/** An optional part of a card: nothing where Flink does not give it. Throws no Flink error. */
export async function endsWithIt({ flink, target }: Context<unknown>): Promise<EndsWithIt> {
  const capabilities = await optional(flink.decoration.capabilities());
  // the operator's clusters stay: it decides what comes after the job
  if (capabilities?.application !== true || capabilities.operatorManaged !== null)
    return { warnings: [], facts: {} };
  // only here: on a session cluster the list is long, and each request of a `--all` would read it
  const jobs = (await optional(flink.decoration.overview())) ?? [];
  const others = jobs.filter((j) => j.jobId !== target.jobId && !isTerminal(j.state)).length;
  return {
    warnings: [
      others === 0
        ? "It is the last job of an application cluster, which ends with it. Only deploying the application again brings it back."
        : `It is one of ${count(others + 1, "job")} of an application cluster, which ends with the last of them. Only deploying the application again brings it back.`,
    ],
    facts: { application: true },
  };
}

/** Whether the intent's job runs on an application cluster. */
export const endsWithJob = ({ facts }: Pick<Intent, "facts">): boolean => facts["application"] === true;

/**
 * Whether this silence is the end that was to come: Flink has accepted the effect that ends the last job of an
 * application cluster, and nobody listens at its address any more.
 */
export const sawItComing = (c: Pick<PhaseContext<unknown>, "intent" | "sent">, seen: Sighting): boolean =>
  endsWithJob(c.intent) &&
  c.sent.is === "accepted" &&
  seen.is === "unanswered" &&
  seen.refused &&
  seen.forMs >= REFUSED_MS;

/** How to continue from a state once the job has ended: a button, or a line where flinkops cannot start it. */
export function wayBack(
  { intent, target, known }: Pick<PhaseContext<unknown>, "intent" | "target" | "known">,
  path: string | null,
): { lines: readonly Text[]; offers: readonly Offer[] } {
  if (!endsWithJob(intent)) return { lines: [], offers: resumeOffers(target, known) };
  return { lines: path === null ? [] : [redeployed(path)], offers: [] };
}
