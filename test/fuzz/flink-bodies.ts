import type { FlinkReads } from "../../src/model/flink-reads.ts";
import type { ClusterConfig } from "../../src/model/cluster-config.ts";
import { createReads } from "../../src/flink/client.ts";
import { createSettings, nothingKnown, readJobs, type Side } from "../../src/flink/facts/settings.ts";
import type { Http } from "../../src/flink/rest/http.ts";
import { sortResponse } from "../../src/flink/rest/response.ts";
import { createPruner } from "../../src/flink/rest/without-keys.ts";
import { ManualClock } from "../fakes/clock.ts";
import { T0 } from "../fakes/flink-reads.ts";
import type { Random } from "../simulate/random.ts";
import { ENDPOINTS, REFUSALS, type Sample } from "./flink-samples.ts";
import { jsonText, mutated } from "./mutate.ts";
import { alteredText } from "./nasty.ts";
import { must } from "./subject.ts";

/** What arrives over HTTP, by endpoint; the others answer as a healthy cluster does. */
export interface Bodies {
  readonly [endpoint: string]: { status: number; text: string };
}

const STATUSES = [200, 200, 200, 202, 204, 302, 400, 401, 404, 405, 409, 429, 500, 500, 503];

/** Altered answers of a few endpoints. */
export function bodiesFor(
  random: Random,
  endpoints: readonly string[] = ENDPOINTS.map((e) => e.name),
): Bodies {
  const some = new Set(Array.from({ length: random.pick([1, 1, 2, 3]) }, () => random.pick(endpoints)));
  return Object.fromEntries([...some].map((name) => [name, bodyOf(name, random)]));
}

function bodyOf(name: string, random: Random): { status: number; text: string } {
  const own = ENDPOINTS.find((e) => e.name === name)?.samples ?? [];
  const chance = random.next();
  const from = chance < 0.8 ? own : chance < 0.92 ? REFUSALS : random.pick(ENDPOINTS).samples;
  const { status, body } = random.pick(from);
  const told = random.happens(0.93) ? status : random.pick(STATUSES);
  if (typeof body === "string")
    return { status: told, text: random.happens(0.2) ? body : alteredText(body, random) };
  return { status: told, text: jsonText(mutated(body, random), random) };
}

const textOf = ({ body }: Sample): string => (typeof body === "string" ? body : JSON.stringify(body));
const HEALTHY: Bodies = Object.fromEntries(
  ENDPOINTS.flatMap(({ name, samples: [first] }) =>
    first === undefined ? [] : [[name, { status: first.status, text: textOf(first) }]],
  ),
);

const CONFIG: ClusterConfig = {
  name: "prod",
  label: "PROD",
  url: "http://flink:8081",
  zone: "default",
  changes: true,
  savepointRoots: ["s3://bucket/savepoints"],
  defaultFileSystem: null,
  auth: { kind: "none" },
  headers: {},
  ca: null,
  servername: null,
  managedBy: null,
  links: [{ label: "Dashboard", url: "https://grafana.example/d/{cluster}?job={job}&id={jobId}" }],
  timeouts: { connectMs: 1_000, readMs: 10_000, changeMs: 20_000, startMs: 60_000 },
};

/** The product's reads over answers that are data. */
export function readsOver(bodies: Bodies): FlinkReads {
  const clock = new ManualClock(T0);
  const http: Http = {
    call: async (call) => {
      const path = call.path.split("?")[0] ?? "";
      const endpoint = ENDPOINTS.find((e) => e.path.test(path));
      must(endpoint !== undefined, () => `no endpoint has the path ${path}`);
      const { status, text } = bodies[endpoint?.name ?? ""] ??
        HEALTHY[endpoint?.name ?? ""] ?? { status: 404, text: "" };
      const isTail = "tail" in call && status === 200;
      return sortResponse(
        {
          status,
          location: status === 302 ? "https://login.example/x" : null,
          text: "without" in call ? pruned(text, call.without) : text,
          ...(isTail && { place: { skipped: 0, size: text.length, ended: true } }),
        },
        `reading ${path} of ${CONFIG.name}`,
      );
    },
  };
  const known = nothingKnown();
  const side: Side = {
    config: CONFIG,
    http,
    starts: http,
    clock,
    known,
    ...createSettings({ config: CONFIG, http, clock, known }),
    jobs: async () => await readJobs({ config: CONFIG, http }),
  };
  const reads = createReads(side, createReads(side, null as never));
  return reads;
}

/** As it arrives: in chunks, wherever they end. */
function pruned(text: string, keys: readonly string[] | undefined): string {
  const prune = createPruner(keys ?? []);
  const bytes = Buffer.from(text);
  const size = 1 + (bytes.length % 977);
  const kept: Buffer[] = [];
  for (let from = 0; from < bytes.length; from += size)
    kept.push(Buffer.from(prune(bytes.subarray(from, from + size))));
  return Buffer.concat(kept).toString("utf8");
}
