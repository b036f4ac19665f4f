import { z } from "zod";
import { clusterArgument } from "./wording/arguments.ts";
import { shown } from "./wording/job.ts";
import { defineClusterRead } from "../model/operation.ts";
import { code, t } from "../model/text.ts";
import { count } from "../model/units.ts";

const MOST = 40;

export const jars = defineClusterRead({
  kind: "read",
  name: "jars",
  summary: "List the jars uploaded to a cluster, newest first, with their entry classes",
  examples: ["jars", "jars prod"],
  args: z.strictObject({ cluster: clusterArgument }),
  positionals: ["cluster"],
  class: "view",
  find: (args) => ({ find: "cluster", cluster: args.cluster ?? null }),

  async read(c) {
    const { cluster } = c.target;
    const found = await c.flink.jars();
    if (found === null)
      return {
        refuse: t`${code(cluster)} does not accept jars.`,
        instead: [
          "It runs in application mode, where each job comes with its cluster, or web.submit.enable is false.",
        ],
      };
    return {
      outcome: "done",
      headline: t`${count(found.length, "jar")} on ${cluster}`,
      lines:
        found.length === 0
          ? [
              "Nothing was uploaded since the JobManager started. Without a persistent web.upload.dir it loses its jars at each start.",
            ]
          : found.length > MOST
            ? [`The newest ${MOST}.`]
            : [],
      ...(found.length === 0
        ? {}
        : {
            table: {
              head: [],
              rows: found
                .slice(0, MOST)
                .map((jar) => [
                  shown(jar.name),
                  t`uploaded ${{ at: jar.uploadedAt }}`,
                  jar.entryClasses.length === 0
                    ? "no entry class in its manifest"
                    : t`entry ${code(jar.entryClasses.map((e) => shown(e, 200)).join(", "))}`,
                  t`id ${code(shown(jar.id, 200))}`,
                ]),
            },
          }),
    };
  },
});
