import { howEnded, resumeOffers, runningOf, statesOffer } from "../../model/ended-job.ts";
import type { JobDetail } from "../../model/flink-jobs.ts";
import type { Context } from "../../model/operation.ts";
import type { Offer } from "../../model/report.ts";
import { type Text, t } from "../../model/text.ts";
import { named } from "../wording/job.ts";
import { optional } from "../../model/optional.ts";

/** What is known of a job that has ended, besides its state. */
export interface AfterEnd {
  /** "orders was stopped 18:19 by Ben"; null: no request of ours ended it. */
  words: Text | null;
  /** How to start it again. Resume is not offered while a job of its name runs. */
  offers: readonly Offer[];
}

/** Throws what `Knowledge` throws. */
export async function afterEnd(c: Context<unknown>, job: JobDetail): Promise<AfterEnd> {
  const { cluster, name } = c.target;
  const [requests, jobs, capabilities] = await Promise.all([
    c.known.requestsOn(cluster, name),
    optional(c.flink.overview()),
    optional(c.flink.decoration.capabilities()),
  ]);
  const { words, isOurs, resumes } = howEnded(job, requests);
  const cannot = capabilities?.application === true || runningOf(jobs ?? [], name) !== undefined;
  return {
    words: isOurs ? t`${named(c.target)} ${words}` : null,
    offers: [...(resumes && !cannot ? resumeOffers(c.target, c.known) : []), statesOffer(c.target)],
  };
}
