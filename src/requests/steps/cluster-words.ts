import { type FlinkProblem, FlinkUnreachable } from "../../model/errors.ts";
import { overWords, waysBack } from "../../model/application-cluster.ts";
import type { Find } from "../../model/target.ts";
import { code, type Text, t } from "../../model/text.ts";
import type { Engine } from "../ports/engine.ts";

/** A question to a cluster: what is looked for there, and when, ms by Redis's clock. */
interface Question {
  cluster: string;
  find: Find;
  now: number;
}

/** What a cluster did instead of answering. */
export interface ClusterWords {
  words: Text;
  isDown: boolean;
  /** Where an application cluster has ended: how to bring its job back. */
  instead: readonly Text[];
}

/** As a sentence. For a cluster that is down it says since when, if that is known. */
export async function clusterWords(
  { known }: Pick<Engine, "known">,
  { cluster, find, now }: Question,
  problem: FlinkProblem,
): Promise<ClusterWords> {
  const isDown = problem instanceof FlinkUnreachable;
  const silence = isDown ? await known.silence(cluster) : null;
  if (silence === null)
    return { words: t`Cluster ${code(cluster)} ${problem.sentence}`, isDown, instead: [] };
  if (!silence.isOver)
    return {
      words: t`Cluster ${code(cluster)} ${problem.did} since ${{ at: silence.since }}.`,
      isDown,
      instead: [],
    };
  const job = find.find === "job" ? find.job : find.find === "name" ? find.name : null;
  const states = job === null ? [] : await known.restorable.of(job);
  return {
    words: overWords(t`${code(cluster)}`, silence.since),
    isDown,
    instead: waysBack(
      states.filter((s) => s.cluster === cluster),
      now,
    ),
  };
}
