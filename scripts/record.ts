import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { homedir, hostname } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { z } from "zod";
import { type FlinkOptions, type RealFlink, startFlink, until } from "../playground/flink/launcher.ts";
import { fixtureName, lastEntries, normalised, type Place } from "./recording.ts";

/**
 * Records what a real Flink answers to a GET as a fixture in test/flink/fixtures/<version>/<name>.json.
 * `npm run record -- /jobs/{job}/exceptions --job failing --config jobmanager.scheduler=default`
 * `{job}` is the id of the job of that name, `{taskmanager}` that of the first task manager. Without `--cluster-url` a Flink
 * is started on this machine, with a job `orders` that runs and a job `failing` that has failed.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    "cluster-url": { type: "string" },
    flink: { type: "string", default: "2.3.0" },
    config: { type: "string", multiple: true, default: [] },
    job: { type: "string", default: "orders" },
    name: { type: "string" },
    lines: { type: "string", default: "60" },
  },
});
const root = fileURLToPath(new URL("..", import.meta.url));
const [path] = positionals;
if (path?.startsWith("/") !== true || positionals.length > 1) {
  console.error("Usage: npm run record -- /path [--cluster-url http://host:8081] [--name name] [--job name]");
  process.exit(2);
}

const given = values["cluster-url"];
const flink = given === undefined ? await started() : null;
try {
  await record(given?.replace(/\/+$/u, "") ?? flink?.url ?? "", path);
} finally {
  await flink?.stop();
}

async function started(): Promise<RealFlink> {
  const version = z.enum(["2.3.0", "1.20.5"]).parse(values.flink);
  const config = Object.fromEntries(
    values.config.map((pair): [string, string] => [pair.split("=")[0] ?? "", pair.replace(/^[^=]*=/u, "")]),
  );
  const options: FlinkOptions = { version, config };
  const flink = await startFlink(options);
  try {
    await flink.submit({ name: "orders", rate: 20 });
    const failing = await flink.submit({ name: "failing", rate: 20, failRecordEvery: 30 });
    const history = z.object({ exceptionHistory: z.object({ entries: z.array(z.unknown()).min(1) }) });
    await until(
      "a job has failed",
      async () => history.safeParse(await flink.get(`/jobs/${failing}/exceptions`)).success,
    );
    return flink;
  } catch (error) {
    await flink.stop();
    throw error;
  }
}

async function record(url: string, path: string): Promise<void> {
  const asked = await filled(url, path);
  const answer = await fetch(url + asked, { redirect: "error" });
  const isJson = answer.headers.get("content-type")?.startsWith("application/json") === true;
  const text = await answer.text();
  const body: unknown = isJson ? JSON.parse(text) : lastEntries(text, Number(values.lines));
  const { "flink-version": version } = z
    .looseObject({ "flink-version": z.string().regex(/^[\w.-]+$/u) })
    .parse(await get(url, "/config"));
  const folder = `test/flink/fixtures/${version}`;
  const file = `${folder}/${values.name ?? fixtureName(path)}.json`;
  const recorded = { status: answer.status, body: normalised(body, places()) };
  mkdirSync(root + folder, { recursive: true });
  writeFileSync(root + file, `${JSON.stringify(recorded, null, 2)}\n`);
  execFileSync("npx", ["biome", "format", "--write", file], { cwd: root, stdio: "ignore" });
  console.log(`${asked}: HTTP ${answer.status}, recorded in ${file}. Read it before you commit it.`);
}

async function filled(url: string, path: string): Promise<string> {
  if (path.includes("{job}")) {
    const { jobs } = z
      .object({ jobs: z.array(z.object({ jid: z.string(), name: z.string() })) })
      .parse(await get(url, "/jobs/overview"));
    const found = jobs.find((j) => j.name === values.job);
    if (found === undefined)
      throw new Error(`there is no job ${values.job}: ${jobs.map((j) => j.name).join(", ")}`);
    return await filled(url, path.replaceAll("{job}", found.jid));
  }
  if (!path.includes("{taskmanager}")) return path;
  const { taskmanagers } = z
    .object({ taskmanagers: z.array(z.object({ id: z.string() })).min(1) })
    .parse(await get(url, "/taskmanagers"));
  return path.replaceAll("{taskmanager}", encodeURIComponent(taskmanagers[0]?.id ?? ""));
}

async function get(url: string, path: string): Promise<unknown> {
  const answer = await fetch(url + path, { redirect: "error" });
  if (!answer.ok) throw new Error(`${path}: HTTP ${answer.status}`);
  return await answer.json();
}

/** Nobody needs to know where this was recorded. */
function places(): readonly Place[] {
  const here: readonly Place[] = [
    ...(flink === null ? [] : [[flink.dir, "/tmp/flink-playground"] as const]),
    [root.replace(/\/$/u, ""), "/flinkops"],
    [homedir(), "/home/flink"],
    [hostname(), "localhost"],
  ];
  return here.filter(([name]) => name.length > 3);
}
