import { shown } from "../wording/job.ts";
import type { Json } from "../../model/json.ts";
import type { Offer } from "../../model/report.ts";

/** A suggested operation, as words to type and as a button. `job` is the reference to the job in each. */
export interface Help {
  typed(job: string): string;
  offer(job: string): Offer;
}

const LONGEST_NAME = 30;

const of = (label: string, operation: string, args: { readonly [key: string]: Json } = {}): Help => ({
  typed: (job) => `${operation} ${job}`,
  offer: (job) => ({ label, operation, args: { job, ...args } }),
});

/** A vertex identified by its id, because names are long and two vertices may share one. */
interface Named {
  id: string;
  name: string;
}

export const help = {
  status: of("Status", "status"),
  resume: of("Resume", "resume"),
  exceptions: of("Exceptions", "exceptions"),
  checkpoints: of("Checkpoints", "checkpoints"),
  savepoint: of("Savepoint", "savepoint"),
  clusters: {
    typed: () => "clusters",
    offer: () => ({ label: "Clusters", operation: "clusters", args: {} }),
  },
  metrics: ({ id, name }: Named): Help => ({
    ...of(`Metrics of ${shown(name, LONGEST_NAME)}`, "metrics", { vertex: id }),
    typed: (job) => `metrics ${job} ${id}`,
  }),
  scale: (to: number, vertex?: Named): Help =>
    vertex === undefined
      ? { ...of(`Scale to ${to}`, "scale", { parallelism: to }), typed: (job) => `scale ${job} ${to}` }
      : {
          ...of(`Scale ${shown(vertex.name, LONGEST_NAME)} to ${to}`, "scale", {
            parallelism: to,
            vertex: [vertex.id],
          }),
          typed: (job) => `scale ${job} ${to} --vertex ${vertex.id}`,
        },
} as const;
