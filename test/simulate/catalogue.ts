import type { Catalogue } from "../../src/model/catalog.ts";

export const CLUSTER = "prod";

/** The jobs that may be started. */
export const CATALOGUE: Catalogue = {
  entries: [
    {
      name: "orders",
      cluster: CLUSTER,
      jar: { newest: "orders-*.jar" },
      entryClass: null,
      args: ["--name", "orders"],
      digests: ["of its arguments"],
      parallelism: null,
      savepointDirectory: null,
      allowNonRestoredState: false,
      rehearsal: {
        args: ["--name", "{name}", "--sink", "none"],
        digests: ["of the arguments of its rehearsal"],
        parallelism: null,
        healthyWithin: null,
      },
    },
  ],
  anyJarOn: [],
};
