import { createHistory } from "./audit/history.ts";
import { createAuditStream } from "./audit/stream.ts";
import type { Base } from "./connections.ts";
import type { Config } from "./config/config.ts";
import { createJobCache } from "./job-cache/job-cache.ts";
import { createStates } from "./job-cache/states.ts";
import type { Log } from "./platform/log.ts";
import { operations } from "./operations/index.ts";
import { createAccept } from "./queue/accept.ts";
import { liveWorkers } from "./queue/beats.ts";
import { createClick } from "./queue/click.ts";
import { createDenial } from "./queue/denial.ts";
import { createDetails } from "./queue/details.ts";
import { createForeign } from "./queue/foreign.ts";
import { createGlance, createReach } from "./queue/glance.ts";
import { createLocalAnswers } from "./queue/local.ts";
import { createReviews } from "./queue/reviewing.ts";
import { createSuggestions } from "./queue/suggestion.ts";
import { traced } from "./queue/traced.ts";
import { createUnbegun } from "./queue/unbegun.ts";
import { timedBy } from "./redis/pulse.ts";
import type { CardRef } from "./requests/ports/conversation.ts";
import type { Place } from "./requests/record/record.ts";
import { createLocks } from "./requests/record/locks.ts";
import { createRestorableView } from "./requests/record/restorable.ts";
import { createRequestSummaries } from "./requests/record/summaries.ts";
import { createSlack } from "./slack/bolt.ts";

/** Lifetime of a response_url in Slack, ms. https://docs.slack.dev/interactivity/handling-user-interaction */
const RESPONSE_URL_MS = 30 * 60_000;

/** The bot: receives commands and clicks, queues requests, answers from Redis. Never calls Flink, draws no card. */
export function createBot(config: Config, log: Log, base: Base) {
  const { clock, keys, seal, front, pulse, queues, people, policies, wake, installation } = base;
  const { door } = config.slack;
  if (door === null) throw new TypeError("a bot without a way in");
  const store = base.store(front);
  const jobCache = createJobCache({ redis: front, keys, seal, configured: config.clusters, clock });
  // a bot's answer may wait for its turn this long, ms: no other work queues behind it
  const conversation = base.conversation(front, 10_000);
  const reach = createReach(front, clock);
  let workspace: string | null = null;
  let mention = "@flinkops";
  const commandIn = ({ thread }: Place): string => (thread === null ? installation.command : mention);
  const linkOf = ({ channel, ts }: CardRef): string | null =>
    workspace === null ? null : `${workspace}archives/${channel}/p${ts.replace(".", "")}`;
  const unbegun = createUnbegun({
    queues,
    workers: async () => await liveWorkers(front, keys, base.zones),
  });
  const requests = createRequestSummaries({ keys, store, unbegun, linkOf });
  const restorable = createRestorableView({
    clusters: config.clusters,
    jobCache,
    states: createStates(front, keys, seal),
    store,
    keys,
    linkOf,
  });
  const clicks = {
    store,
    people,
    startAfterApproval: config.timings.startAfterApproval,
    nameOf: base.nameOf,
    wake,
    log,
  };
  const click = createClick({
    ...clicks,
    get policy() {
      return policies.current();
    },
    isBrake: ({ operation: name, args }) => {
      const operation = operations.find((o) => o.name === name);
      return operation?.kind === "change" && operation.preempts?.(args) === true;
    },
  });
  const denial = createDenial({
    ...clicks,
    get policy() {
      return policies.current();
    },
  });
  const suggesting = createSuggestions({
    ...clicks,
    get policy() {
      return policies.current();
    },
    operations,
  });
  const reviewing = createReviews({
    ...clicks,
    get policy() {
      return policies.current();
    },
  });
  const details = createDetails({
    store,
    get policy() {
      return policies.current();
    },
    clusters: config.clusters,
    catalogue: config.catalogue,
    people,
    conversation,
    log,
  });
  const locks = createLocks({ redis: front, keys, seal });
  const local = createLocalAnswers({
    operations: operations,
    commandIn,
    get policy() {
      return policies.current();
    },
    people,
    conversation,
    catalogue: config.catalogue,
    jobCache,
    requests,
    history: createHistory({
      stream: createAuditStream({ redis: front, keys, seal }),
      linkOf: async (id) => {
        const card = (await store.cards(id)).messages[0]?.card;
        return card === undefined ? null : linkOf(card);
      },
    }),
    restorable,
    locks,
    clusters: config.clusters,
    channels: config.channels,
    store,
    nameOf: base.nameOf,
    wake,
    log,
    // Redis's clock as last measured, without a call: answers that need no data from Redis work while it is down
    now: async () => await Promise.resolve(pulse.now()),
    click,
  });
  const { say, press } = createAccept({
    operations: operations,
    commandIn,
    clusters: config.clusters,
    channels: config.channels,
    catalogue: config.catalogue,
    reach,
    glance: createGlance({
      redis: front,
      keys,
      seal,
      watch: (cluster) => jobCache.watch([cluster]),
      clock,
    }),
    queues,
    keepResponseUrl: async (id, url) => {
      await front.set(keys.responseUrl(id), url, "PX", RESPONSE_URL_MS);
    },
    local,
    startWithin: config.timings.startWithin,
    log,
    clock,
  });
  const slack = createSlack({
    ...base.slack,
    ...installation,
    mode: door.mode === "socket" ? { is: "socket", appToken: door.appToken } : { ...door, is: "http" },
    inbox: {
      ...traced(
        {
          say,
          press,
          // right after an outage the connection may still be reconnecting
          async click(pressed) {
            await reach().catch(() => undefined);
            return await click(pressed);
          },
        },
        base.traces,
      ),
      async denial(pressed) {
        await reach().catch(() => undefined);
        return await denial(pressed);
      },
      foreign: createForeign({ store, log }),
      suggesting,
      reviewing,
      details,
    },
    limiter: base.limiter,
    mentionMaxAgeMs: config.timings.mentionMaxAge,
    // all processes judge a mention's age by the same clock
    clock: timedBy(clock, pulse),
  });
  return {
    async start() {
      await slack.start();
      const identity = slack.identity();
      workspace = identity?.url ?? null;
      if (identity !== null) mention = `@${identity.name}`;
    },
    stop: async () => await slack.stop(),
    probes: [{ name: "slack", ok: () => slack.ready() }],
  };
}
