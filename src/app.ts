import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { createBase } from "./connections.ts";
import type { Config, Roles } from "./config/config.ts";
import type { Log } from "./platform/log.ts";
import { createNotices } from "./requests/record/notices.ts";
import type { App } from "./run.ts";
import { startWatching } from "./watching.ts";

/** Assembles the bot, a worker, or both. Imports only the roles in use, because Slack's modules are large. */
export async function createApp(
  config: Config,
  log: Log,
  { roles, version }: { roles: Roles; version: string },
): Promise<App> {
  const id = randomUUID();
  const watching = await startWatching(config, log, { version, process: id });
  const base = createBase(config, log, { id, ...watching });
  const watched = watching.of(base);
  const notices = createNotices({ store: base.store(base.front), log, clock: base.clock });
  const { bot: isBot, worker: works } = roles;
  const process = { id: base.id, host: hostname(), bot: isBot, worker: works && { zone: works.zone } };
  const bot = roles.bot ? (await import("./bot.ts")).createBot(config, log, base) : null;
  const worker =
    roles.worker === null ? null : (await import("./worker.ts")).createWorker(config, base, { log, roles });
  const { bullBoard } = config.http;
  const board =
    bullBoard === null
      ? null
      : (await import("./queue/board.ts")).createBoard({
          port: bullBoard,
          client: base.back(),
          prefix: config.redis.prefix,
          zones: base.zones,
          onError: base.pulse.failed,
        });
  return {
    async start() {
      await board?.start();
      worker?.start();
      await bot?.start();
    },
    async stop() {
      // in parallel: a worker's handover must not wait until the Slack connection is closed
      await Promise.all([bot?.stop(), worker?.stop()]);
      await board?.stop();
      await watched.close();
      await notices.close();
      await base.close();
    },
    policies: base.policies,
    notice: async (words, how) => await base.notice(words, how),
    audit: (event, what) => notices.write(event, { ...what, detail: { ...what.detail, process } }),
    forged: () => base.forged.count(),
    metrics: watched.scraped,
    probes: [{ name: "redis", ok: base.pulse.ok }, ...(bot?.probes ?? []), ...(worker?.probes ?? [])],
  };
}
