import { type FlinkProblem, FlinkUnreachable } from "../../model/errors.ts";
import { code, type Text, t } from "../../model/text.ts";
import type { Engine } from "../ports/engine.ts";

/** What a cluster did instead of answering, as a sentence. For one that is down it says since when, if that is known. */
export async function clusterWords(
  engine: Pick<Engine, "unreachableSince">,
  cluster: string,
  problem: FlinkProblem,
): Promise<{ words: Text; isDown: boolean }> {
  const isDown = problem instanceof FlinkUnreachable;
  const since = isDown ? await engine.unreachableSince(cluster) : null;
  const words =
    since === null
      ? t`Cluster ${code(cluster)} ${problem.sentence}`
      : t`Cluster ${code(cluster)} ${problem.did} since ${{ at: since }}.`;
  return { words, isDown };
}
