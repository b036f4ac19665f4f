import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";
import { freePort, startTied, type Tied, until } from "./processes.ts";
import { APPROVERS, OPERATORS } from "./slack/workspace-seed.ts";

/** FLINKOPS_DIST: another build than the checkout's own, for comparing two. */
const DIST = process.env["FLINKOPS_DIST"] ?? fileURLToPath(new URL("../dist", import.meta.url));

export interface ProductOptions {
  slack: { apiUrl: string; botToken: string; appToken: string };
  redisUrl: string;
  prefix?: string;
  clusters: { readonly [name: string]: { url: string } & { readonly [key: string]: unknown } };
  channels?: { readonly [channel: string]: { cluster: string } };
  /** Over the configuration file's top level; `slack` is merged with the stand-in's address and tokens, `http` with the port. */
  config?: { readonly [key: string]: unknown };
  roles?: readonly string[];
  /** Before the program: `--import` and such. */
  node?: readonly string[];
  env?: NodeJS.ProcessEnv;
  /** Another build than the checkout's own. */
  dist?: string;
  onLine?: (line: string) => void;
}

/** The built program as a process of its own, unchanged. */
export interface Product extends Tied {
  readonly healthUrl: string;
  readonly configFile: string;
}

/** Starts it and waits until /readyz says so, unless `wait` is false. */
export async function startProduct(options: ProductOptions, wait = true): Promise<Product> {
  const directory = await mkdtemp(join(tmpdir(), "flinkops-product-"));
  const configFile = join(directory, "config.yml");
  const port = await freePort();
  await writeFile(configFile, stringify(configOf(options, port)));
  const lines: string[] = [];
  const product = await startTied(
    process.execPath,
    [
      ...(options.node ?? []),
      join(options.dist ?? DIST, "main.js"),
      ...(options.roles ?? []),
      "--config",
      configFile,
    ],
    {
      env: {
        PATH: process.env["PATH"],
        SLACK_BOT_TOKEN: options.slack.botToken,
        SLACK_APP_TOKEN: options.slack.appToken,
        REDIS_URL: options.redisUrl,
        ...options.env,
      },
      onLine(line) {
        lines.push(line);
        options.onLine?.(line);
      },
    },
  );
  void product.exited.then(async () => await rm(directory, { recursive: true, force: true }));
  const healthUrl = `http://127.0.0.1:${port}`;
  const ended: { code: number | null | undefined } = { code: undefined };
  void product.exited.then((code) => (ended.code = code));
  if (wait)
    await until("flinkops is ready", async () => {
      if (ended.code !== undefined)
        throw new Error(`flinkops ended with ${ended.code}:\n${lines.join("\n")}`);
      const answer = await fetch(`${healthUrl}/readyz`).catch(() => null);
      return answer?.ok === true ? true : null;
    }).catch(async (error: unknown) => {
      await product.stop();
      throw error;
    });
  return { ...product, healthUrl, configFile };
}

/** The configuration file that it starts with; `port`: of its health server. */
export function configOf(
  options: Pick<ProductOptions, "slack" | "prefix" | "clusters" | "channels" | "config">,
  port: number,
): object {
  return {
    deployment: { id: "playground", dev: true },
    redis: { url: { env: "REDIS_URL" }, ...(options.prefix === undefined ? {} : { prefix: options.prefix }) },
    clusters: options.clusters,
    channels: options.channels ?? {},
    people: { operate: { groups: [OPERATORS] }, approve: { groups: [APPROVERS] } },
    ...options.config,
    http: Object.assign({ port }, options.config?.["http"]),
    slack: Object.assign(
      {
        apiUrl: options.slack.apiUrl,
        botToken: { env: "SLACK_BOT_TOKEN" },
        appToken: { env: "SLACK_APP_TOKEN" },
      },
      options.config?.["slack"],
    ),
  };
}
