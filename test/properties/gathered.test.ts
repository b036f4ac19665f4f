import fc from "fast-check";
import { expect, it } from "vitest";
import { JOB_STATES, isTerminal, type JobSummary } from "../../src/model/flink-jobs.ts";
import { badness, Gathered } from "../../src/operations/facts/gathered.ts";
import { lookAlikes, skeleton } from "../../src/model/confusable-names.ts";
import type { ClusterSnapshot } from "../../src/model/knowledge.ts";

const aCluster: ClusterSnapshot = {
  cluster: "c",
  label: "c",
  readAt: 0,
  unreachableSince: null,
  isOver: false,
  problem: null,
  answeringSince: null,
  facts: null,
  jobs: [],
};
const tasks = { total: 1, running: 1, finished: 0, failed: 0 };
const jobs = fc
  .array(
    fc.record({
      name: fc.constantFrom("orders", "0rders", "ordеrs", "pay", "a b", "rn", "m"),
      state: fc.constantFrom(...JOB_STATES),
      lastModifiedAt: fc.nat(3),
      cluster: fc.nat(2),
    }),
    { maxLength: 40 },
  )
  .map((all) =>
    all.map(({ cluster, ...over }, i): [number, JobSummary] => [
      cluster,
      {
        ...over,
        jobId: String(i).padStart(32, "0"),
        startedAt: 0,
        endedAt: null,
        tasks,
        scheduler: null,
        jobType: null,
      },
    ]),
  );

it("jobs that are gathered cluster by cluster are the first of one list, counted and told apart as in one", () => {
  fc.assert(
    fc.property(jobs, fc.integer({ min: 1, max: 50 }), (placed, most) => {
      const gathered = new Gathered(most);
      for (const n of [0, 1, 2])
        gathered.add(
          aCluster,
          placed.flatMap(([cluster, job]) => (cluster === n ? [job] : [])),
        );
      const at = new Gathered(1000);
      const all = placed.map(([, job]) => job);
      at.add(aCluster, all);
      expect(gathered.worst().map((l) => l.job.jobId)).toEqual(
        at
          .worst()
          .slice(0, most)
          .map((l) => l.job.jobId),
      );
      expect(gathered.count).toBe(all.length);
      expect(gathered.trouble).toBe(all.filter((job) => badness(job) < 4).length);
      const live = all.filter((job) => !isTerminal(job.state)).map((job) => job.name);
      const alike = lookAlikes(live);
      for (const name of live) {
        expect(gathered.isAlike(name)).toBe(alike.has(name));
        expect(gathered.alive(name)).toBe(live.filter((n) => n === name).length);
      }
    }),
  );
});

it("plain names have the same skeleton as next to letters that are folded", () => {
  // a mark that is dropped makes it take the long way
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...Array.from("aAiIlL01|_-.rnvw'\"`")) }), (name) => {
      expect(skeleton(name)).toBe(skeleton(`${name}\u0301`));
    }),
  );
});
