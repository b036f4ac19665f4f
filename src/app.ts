import { hostname } from "node:os";
import { createBase } from "./connections.ts";
import type { Config, Roles } from "./config/config.ts";
import type { Log } from "./platform/log.ts";
import { createNotices } from "./requests/record/notices.ts";
import { createGauges } from "./gauges.ts";
import { UNMEASURED } from "./model/measures.ts";
import type { App } from "./run.ts";
import type { Metrics } from "./telemetry/metrics.ts";

/** Assembles the bot, a worker, or both. Imports only the roles in use, because Slack's modules are large. */
export async function createApp(
  config: Config,
  log: Log,
  { roles, version }: { roles: Roles; version: string },
): Promise<App> {
  const metrics: Metrics | null = config.http.metrics
    ? (await import("./telemetry/metrics.ts")).startMetrics(version)
    : null;
  const base = createBase(config, log, { measures: metrics?.measures ?? UNMEASURED });
  const gauges = metrics === null ? null : createGauges(config, base);
  const notices = createNotices({ store: base.store(base.front), log, clock: base.clock });
  const { bot: isBot, worker: works } = roles;
  const process = { id: base.id, host: hostname(), bot: isBot, worker: works && { zone: works.zone } };
  const bot = roles.bot ? (await import("./bot.ts")).createBot(config, log, base) : null;
  const worker =
    roles.worker === null ? null : (await import("./worker.ts")).createWorker(config, base, { log, roles });
  return {
    async start() {
      worker?.start();
      await bot?.start();
    },
    async stop() {
      // in parallel: a worker's handover must not wait until the Slack connection is closed
      await Promise.all([bot?.stop(), worker?.stop()]);
      await metrics?.close();
      gauges?.close();
      await notices.close();
      await base.close();
    },
    policies: base.policies,
    notice: async (words, how) => await base.notice(words, how),
    audit: (event, what) => notices.write(event, { ...what, detail: { ...what.detail, process } }),
    forged: () => base.forged.count(),
    metrics:
      metrics === null || gauges === null ? null : async () => await metrics.scraped(await gauges.read()),
    probes: [{ name: "redis", ok: base.pulse.ok }, ...(bot?.probes ?? []), ...(worker?.probes ?? [])],
  };
}
