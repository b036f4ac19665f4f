import { z } from "zod";
import type { JobState } from "../model/flink-jobs.ts";
import { shown } from "./wording/job.ts";
import { defineLocal } from "../model/operation.ts";
import type { ClusterSnapshot } from "../model/knowledge.ts";
import { b, code, type Text, t } from "../model/text.ts";
import { ago, count } from "../model/units.ts";

export const clusters = defineLocal({
  kind: "local",
  name: "clusters",
  summary: "List the clusters: availability, version, slots, jobs by state, supported changes",
  examples: ["clusters"],
  args: z.strictObject({}),
  positionals: [],
  class: "view",
  find: () => ({ find: "none" }),

  async answer(c) {
    const all = await c.jobCache.clusters();
    const silent = all.filter((s) => s.unreachableSince !== null && !s.isOver).length;
    return {
      outcome: "done",
      headline: t`${count(all.length, "cluster")}${silent > 0 ? `, ${silent} not answering` : ""}`,
      lines: [],
      table: { head: [], rows: all.map((s) => row(s, c.now)) },
    };
  },
});

const row = (s: ClusterSnapshot, now: number): readonly Text[] => [
  s.label === s.cluster ? s.cluster : t`${s.label} (${code(s.cluster)})`,
  answers(s, now),
  ...facts(s),
  ...(s.readAt === null ? [] : [jobs(s)]),
];

function answers(s: ClusterSnapshot, now: number): Text {
  if (s.unreachableSince !== null) {
    if (s.isOver) return t`${b("ended")} with its last job ${{ at: s.unreachableSince }}`;
    const why = s.problem === null ? "" : `: ${shown(s.problem, 200)}`;
    return t`${b("does not answer")} since ${{ at: s.unreachableSince }}${why}`;
  }
  if (s.readAt === null) return "not read yet";
  return s.answeringSince === null
    ? `read ${ago(s.readAt, now)}`
    : t`answers since ${{ at: s.answeringSince }}`;
}

/** As of the last successful read. */
function facts(s: ClusterSnapshot): readonly Text[] {
  const { facts: f } = s;
  if (f === null) return [];
  const scheduler = f.rescale ? "adaptive scheduler" : `${f.scheduler ?? "default"} scheduler`;
  const can = [
    f.rescale ? "parallelism can be changed in place" : "parallelism cannot be changed in place",
    f.cancel ? "jobs can be cancelled" : "cancelling is disabled in its web UI",
    ...(f.application ? ["application mode"] : f.submit ? ["accepts jars"] : []),
  ];
  return [
    `Flink ${f.version}, ${scheduler}`,
    `${f.slotsFree} of ${count(f.slotsTotal, "slot")} free on ${count(f.taskManagers, "task manager")}`,
    can.join(", "),
    f.operatorManaged === null
      ? "not managed by the Kubernetes operator"
      : t`${b("managed by the Kubernetes operator")}: ${shown(f.operatorManaged, 200)}`,
  ];
}

function jobs(s: ClusterSnapshot): Text {
  const states = new Map<JobState, number>();
  for (const job of s.jobs) states.set(job.state, (states.get(job.state) ?? 0) + 1);
  const when = s.unreachableSince === null ? "" : " when last read";
  if (states.size === 0) return `no jobs${when}`;
  return `jobs${when}: ${[...states].map(([state, n]) => `${n} ${state}`).join(", ")}`;
}
