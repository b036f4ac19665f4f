import { createBase } from "./connections.ts";
import type { Config, Roles } from "./config/config.ts";
import type { Log } from "./platform/log.ts";
import type { App } from "./run.ts";

/** Joins what this process is: the bot, a worker, or both. Loads nothing that it is not: Slack's way in is large. */
export async function createApp(config: Config, log: Log, roles: Roles): Promise<App> {
  const base = createBase(config, log);
  const bot = roles.bot ? (await import("./bot.ts")).createBot(config, log, base) : null;
  const worker =
    roles.worker === null ? null : (await import("./worker.ts")).createWorker(config, log, roles, base);
  return {
    async start() {
      worker?.start();
      await bot?.start();
    },
    async stop() {
      // side by side: what a worker hands over must not wait until Slack has let go
      await Promise.all([bot?.stop(), worker?.stop()]);
      await base.close();
    },
    forged: () => base.forged.count(),
    probes: [{ name: "redis", ok: base.pulse.ok }, ...(bot?.probes ?? []), ...(worker?.probes ?? [])],
  };
}
