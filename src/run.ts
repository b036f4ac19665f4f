import type { Serving } from "./cli-arguments.ts";
import { systemClock } from "./platform/clock.ts";
import { type CheckProbes, check, printed } from "./check.ts";
import { explained, explanation } from "./doctor.ts";
import type { Config, Roles } from "./config/config.ts";
import { loadConfig } from "./config/load.ts";
import type { Sources } from "./config/secrets.ts";
import { ConfigError } from "./model/errors.ts";
import { createHealth, type Probe } from "./health-server.ts";
import type { Askable } from "./policy/askable.ts";
import type { Log } from "./platform/log.ts";
import type { Refusal } from "./model/report.ts";
import type { PolicySource } from "./policy/policy-source.ts";
import type { Notices } from "./requests/record/notices.ts";
import { startPolicyReload } from "./policy-reload.ts";
import { demandTests } from "./policy-tests.ts";
import { scrubText } from "./platform/scrub.ts";

/** The program built from its configuration. */
export interface App {
  start(): Promise<void>;
  /** Accepts nothing new, lets the current step finish, and closes. */
  stop(): Promise<void>;
  probes: readonly Probe[];
  /** What the process decides by; a reload replaces it. */
  policies: PolicySource;
  /** Posts to the approvers' channel, once for all processes that say the same. */
  notice: (words: Refusal, how: { once: string }) => Promise<void>;
  /** Writes an entry of the audit log that names this process. Returns at once. */
  audit: Notices["write"];
  /** What a scrape gets, in Prometheus' text format; null: metrics are switched off. */
  metrics: (() => Promise<string>) | null;
  /** How many values in Redis were found that flinkops did not write. */
  forged(): number;
}

/** The dependencies of `run`. */
export interface World extends Sources {
  log: Log;
  version: string;
  /** What people can ask for, as far as the policy is concerned. */
  operations: readonly Askable[];
  /** Slack scopes that the code needs. */
  scopes: readonly string[];
  /** Scopes that may be missing, with their purpose. */
  optionalScopes?: Readonly<Record<string, string>>;
  print(text: string): void;
  complain(text: string): void;
  /** Settles at the first SIGTERM or SIGINT, with its name. */
  signal: Promise<string>;
  /** Calls back at each SIGHUP. */
  onHangup(call: () => void): void;
  createApp(config: Config, log: Log, as: { roles: Roles; version: string }): Promise<App>;
  createProbes(config: Config): Promise<CheckProbes & { close(): Promise<void> }>;
}

/** Serves or checks; returns the exit code. 0: success, 1: failure. */
export async function run(asked: Serving, world: World): Promise<0 | 1> {
  try {
    const { env, readFile, operations } = world;
    const load = (): Config => loadConfig({ ...asked, env, readFile, operations });
    return asked.do === "serve" ? await serve(load, asked.roles, world) : await look(load(), asked, world);
  } catch (error) {
    const words = scrubText(error instanceof Error ? error.message : String(error));
    if (error instanceof ConfigError) {
      const more =
        asked.do === "doctor" ? explanation("configuration", "correct the settings that are listed") : [];
      const head = asked.do === "serve" ? "configuration:" : "FAIL  configuration";
      world.complain([head, words, ...more].join("\n"));
    } else {
      world.log.fatal({ error }, "could not start");
      world.complain(words);
    }
    return 1;
  }
}

async function look(config: Config, asked: Serving, world: World): Promise<0 | 1> {
  const probes = await world.createProbes(config);
  try {
    const findings = await check(
      {
        config,
        roles: asked.roles,
        scopes: world.scopes,
        ...(world.optionalScopes && { optionalScopes: world.optionalScopes }),
      },
      probes,
    );
    const { text, exitCode } = asked.do === "doctor" ? explained(findings) : printed(findings);
    world.print(text);
    return exitCode;
  } finally {
    await probes.close();
  }
}

async function serve(load: () => Config, roles: Roles, world: World): Promise<0> {
  const { log, readFile } = world;
  const config = load();
  demandTests(config);
  const app = await world.createApp(config, log, { roles, version: world.version });
  const { policies, notice, audit } = app;
  const clock = systemClock;
  const policy = startPolicyReload({ config, policies, load, readFile, notice, audit, log, clock });
  world.onHangup(() => policy.reload());
  const health = createHealth(config.http, () => app.probes, {
    notes: () => ({ ...(app.forged() > 0 && { forged: app.forged() }), policy: policy.state() }),
    metrics: app.metrics,
  });
  try {
    const port = await health.start();
    const up = await Promise.race([app.start().then(() => true), world.signal.then(() => false)]);
    if (up) log.info({ version: world.version, roles, port, clusters: config.clusters.length }, "started");
    const signal = await world.signal;
    log.info({ signal }, "stopping");
    const over = new AbortController();
    const drained = await Promise.race([
      app.stop().then(() => true),
      systemClock.sleep(config.timings.drain, over.signal).then(() => false),
    ]);
    over.abort();
    // if not drained, unfinished work is in Redis and the next worker continues it
    log.info({ drained }, "stopped");
    return 0;
  } finally {
    policy.close();
    await health.stop();
  }
}
