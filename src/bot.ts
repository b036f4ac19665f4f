import type { Base } from "./base.ts";
import type { Config } from "./config/config.ts";
import { createDirectory } from "./directory/directory.ts";
import { createStates } from "./directory/states.ts";
import type { Log } from "./log.ts";
import { operations } from "./operations/index.ts";
import { createAccept } from "./queue/accept.ts";
import { createClick } from "./queue/click.ts";
import { createLocalAnswers } from "./queue/local.ts";
import { createPace } from "./redis/pace.ts";
import type { CardRef } from "./requests/conversation.ts";
import { createRestorableView } from "./requests/restorable.ts";
import { createStore } from "./requests/store.ts";
import { createRequestsView } from "./requests/view.ts";
import { createSlack } from "./slack/bolt.ts";
import { createLocalPace, withLocalPace } from "./slack/pace.ts";

/** Slack keeps a response_url for this long. https://docs.slack.dev/interactivity/handling-user-interaction */
const RESPONSE_URL_MS = 30 * 60_000;

/** The front: hears people, accepts, counts clicks, answers from Redis. Never sees Flink, draws no card. */
export function createBot(config: Config, log: Log, base: Base) {
  const { clock, keys, front, queues, people, installation } = base;
  const { door } = config.slack;
  if (door === null) throw new TypeError("a bot without a way in");
  const store = createStore(front, keys, config.redis.waitReplicas, clock);
  const directory = createDirectory(front, keys, config.clusters, clock);
  const conversation = base.conversation(front);
  let workspace: string | null = null;
  const linkOf = ({ channel, ts }: CardRef): string | null =>
    workspace === null ? null : `${workspace}archives/${channel}/p${ts.replace(".", "")}`;
  const requests = createRequestsView(front, keys, store, linkOf);
  const restorable = createRestorableView({
    clusters: config.clusters.map((c) => c.name),
    directory,
    states: createStates(front, keys),
    store,
    keys,
    linkOf,
  });
  const click = createClick({
    store,
    policy: config.policy,
    people,
    startAfterApproval: config.timings.startAfterApproval,
    wake: async (record) => {
      const zone = base.zoneOf(record.target.cluster);
      if (zone !== null) await queues.wake(zone, record.id);
    },
    log,
  });
  const local = createLocalAnswers({
    rows: operations,
    command: installation.command,
    policy: config.policy,
    people,
    conversation,
    directory,
    requests,
    restorable,
    store,
    click,
  });
  const { say, press } = createAccept({
    rows: operations,
    command: installation.command,
    clusters: config.clusters,
    channels: config.channels,
    catalogue: config.catalogue,
    directory,
    queues,
    keepResponseUrl: async (id, url) => {
      await front.set(keys.responseUrl(id), url, "PX", RESPONSE_URL_MS);
    },
    local,
    log,
  });
  const slack = createSlack({
    ...base.slack,
    ...installation,
    mode: door.mode === "socket" ? { is: "socket", appToken: door.appToken } : { ...door, is: "http" },
    door: { say, press, click },
    pace: withLocalPace(createPace(front, keys), createLocalPace(clock)),
    mentionMaxAgeMs: config.timings.mentionMaxAge,
    clock,
  });
  return {
    async start() {
      await slack.start();
      workspace = slack.identity()?.url ?? null;
    },
    stop: async () => await slack.stop(),
    probes: [{ name: "slack", ok: () => slack.ready() }],
  };
}
