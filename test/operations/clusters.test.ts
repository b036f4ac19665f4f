import { expect, test } from "vitest";
import type { ClusterSnapshot } from "../../src/model/knowledge.ts";
import { directoryOf } from "../fakes/knowledge.ts";
import { FakeFlinkReads, T0 } from "../fakes/flink-reads.ts";
import { answered } from "./ask.ts";

test("which of them answer, what each is and can do", async () => {
  const facts = await new FakeFlinkReads().capabilities();
  const one: ClusterSnapshot = {
    cluster: "prod",
    label: "PROD",
    readAt: T0 - 1_000,
    unreachableSince: null,
    isOver: false,
    problem: null,
    answeringSince: T0 - 3_600_000,
    facts,
    jobs: [],
  };
  const said = await answered("clusters", {
    jobCache: directoryOf([
      one,
      {
        ...one,
        cluster: "k8s",
        label: "k8s",
        facts: { ...facts, rescale: false, cancel: false, application: true, operatorManaged: "x" },
      },
      {
        ...one,
        cluster: "dead",
        label: "dead",
        unreachableSince: T0 - 60_000,
        problem: "refused",
        facts: null,
        jobs: await new FakeFlinkReads().overview(),
      },
      { ...one, cluster: "new", label: "new", readAt: null, answeringSince: null, facts: null },
    ]),
  });
  expect(said.split("\n")).toEqual([
    "4 clusters, 1 not answering",
    "PROD (prod) | answers since 2027-01-15 07:00 UTC | Flink 2.3.0, adaptive scheduler | 3 of 4 slots free on 1 task manager | parallelism can be changed in place, jobs can be cancelled, accepts jars | not managed by the Kubernetes operator | no jobs",
    "k8s | answers since 2027-01-15 07:00 UTC | Flink 2.3.0, adaptive scheduler | 3 of 4 slots free on 1 task manager | parallelism cannot be changed in place, cancelling is disabled in its web UI, application mode | managed by the Kubernetes operator: x | no jobs",
    "dead | does not answer since 2027-01-15 07:59 UTC: refused | jobs when last read: 1 RUNNING",
    "new | not read yet",
  ]);
});
