import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, startTied, until } from "../../playground/processes.ts";

/** What Prometheus answers to a query: each series with its labels. */
export interface Series {
  metric: Readonly<Record<string, string>>;
}
/** The same over time: seconds since the epoch, and a number as text. */
export interface Range extends Series {
  values: readonly [number, string][];
}

/** A real Prometheus, and where it answers. */
export interface Prometheus {
  readonly url: string;
  /** Throws what is wrong with the query. */
  ask(query: string): Promise<readonly Series[]>;
  /** Over time; seconds. */
  range(query: string, over: { from: number; to: number; step: number }): Promise<readonly Range[]>;
  stop(): Promise<void>;
}

/** Starts Debian's Prometheus, which scrapes these addresses. `rules`: a file of alerts. */
export async function startPrometheus(
  targets: readonly string[],
  { every = "1s", rules }: { every?: string; rules?: string } = {},
): Promise<Prometheus> {
  const folder = await mkdtemp(join(tmpdir(), "flinkops-prometheus-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  await writeFile(
    join(folder, "prometheus.yml"),
    JSON.stringify({
      global: { scrape_interval: every, evaluation_interval: every },
      ...(rules === undefined ? {} : { rule_files: [rules] }),
      scrape_configs: [
        { job_name: "flinkops", static_configs: [{ targets: targets.map((t) => new URL(t).host) }] },
      ],
    }),
  );
  const server = await startTied("prometheus", [
    `--config.file=${join(folder, "prometheus.yml")}`,
    `--storage.tsdb.path=${join(folder, "data")}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  await until("Prometheus is ready", async () =>
    (await fetch(`${url}/-/ready`).catch(() => null))?.ok === true ? true : null,
  );
  const get = async <T>(path: string, query: Record<string, string>): Promise<readonly T[]> => {
    const answer = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(query).toString()}`);
    const { error, data } = (await answer.json()) as { error?: string; data?: { result: readonly T[] } };
    if (error !== undefined) throw new Error(`${query["query"]}: ${error}`);
    return data?.result ?? [];
  };
  return {
    url,
    ask: async (query) => await get<Series>("query", { query }),
    range: async (query, { from, to, step }) =>
      await get<Range>("query_range", {
        query,
        start: String(from),
        end: String(to),
        step: String(step),
      }),
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
