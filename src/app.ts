import { hostname } from "node:os";
import { createBase } from "./connections.ts";
import type { Config, Roles } from "./config/config.ts";
import type { Log } from "./platform/log.ts";
import { createNotices } from "./requests/record/notices.ts";
import type { App } from "./run.ts";

/** Assembles the bot, a worker, or both. Imports only the roles in use, because Slack's modules are large. */
export async function createApp(config: Config, log: Log, roles: Roles): Promise<App> {
  const base = createBase(config, log);
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
      await notices.close();
      await base.close();
    },
    policies: base.policies,
    notice: async (words, how) => await base.notice(words, how),
    audit: (event, what) => notices.write(event, { ...what, detail: { ...what.detail, process } }),
    forged: () => base.forged.count(),
    probes: [{ name: "redis", ok: base.pulse.ok }, ...(bot?.probes ?? []), ...(worker?.probes ?? [])],
  };
}
