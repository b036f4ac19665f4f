import { type Clock, systemClock } from "../platform/clock.ts";
import { App, HTTPReceiver, type Receiver, type ReceiverEvent, SocketModeReceiver } from "@slack/bolt";
import { SlackUnavailable } from "../model/errors.ts";
import type { Inbox } from "../requests/ports/inbox.ts";
import { formIds } from "./action.ts";
import { asking, checkedApiUrl, clientOptions, createClient, pause, type SlackAccess } from "./client.ts";
import type { CardView } from "./card.ts";
import { createConnection } from "./connection.ts";
import type { FieldErrors } from "./forms.ts";
import { createListeners, type Listeners } from "./listeners.ts";
import { type Measures, UNMEASURED } from "../model/measures.ts";
import { type Log, slackLogger } from "./log.ts";
import { type Ourselves, ourselvesOf } from "./ourselves.ts";
import { createLocalLimiter, type RateLimiter } from "./rate-limits.ts";
import { createEphemeral } from "./ephemeral.ts";
import { createTurns } from "./turns.ts";

export type SlackMode =
  | { is: "socket"; appToken: string }
  /** Port 0: any free port. */
  | { is: "http"; signingSecret: string; host: string; port: number };

export interface SlackOptions extends SlackAccess, Omit<CardView, "names"> {
  mode: SlackMode;
  inbox: Inbox;
  /** Shared with the workers; without it this process keeps its own pace. */
  limiter?: RateLimiter;
  /** Ms; default 5 minutes. */
  mentionMaxAgeMs?: number;
  /** Delay before a lost Socket Mode connection is reopened, ms; default 3 s. */
  reconnectMs?: number;
  clock?: Clock;
}

/** The bot's connection to Slack. */
export interface Slack {
  /**
   * Waits while Slack does not answer, until stop(). Throws SlackRefused: a token is wrong, or the app is installed for
   * a whole organization. Call once.
   */
  start(): Promise<void>;
  /** Lets current work finish, then disconnects. Takes at most about 8 s. */
  stop(): Promise<void>;
  /** Slack has sent hello and not announced a disconnect (Socket Mode); the port is open (HTTP). */
  ready(): boolean;
  /** Slack's count of connections for this app. More than our replicas' means stale connections. Null: not reported. */
  numConnections(): number | null;
  /** Known after start(). */
  identity(): Ourselves | null;
}

/** Time limit of Web API calls, ms: a person is waiting for the answer to a click or command. */
const INTERACTIVE_TIMEOUT_MS = 2500;
/** How long a message to one person may wait for its turn, ms; no other work queues behind it. */
const PATIENCE_MS = 10_000;
const RECONNECT_MS = 3000;
const DRAIN_MS = 5000;
const DISCONNECT_MS = 2000;

/**
 * Bolt acks an event before its listener runs. Here the listener acks its event, so a crash in between loses nothing.
 */
class AckingApp extends App {
  override async processEvent(event: ReceiverEvent): Promise<void> {
    if (event.body["type"] !== "event_callback") return super.processEvent(event);
    let acked = false;
    const ackEvent = async (): Promise<void> => {
      if (acked) return;
      acked = true;
      await event.ack();
    };
    await super.processEvent({
      ...event,
      ack: () => Promise.resolve(),
      customProperties: { ...event.customProperties, ackEvent },
    });
    // events that no listener handled (our own messages, other events) must not be redelivered
    await ackEvent();
  }
}

export function createSlack(options: SlackOptions): Slack {
  const log = options.log;
  const client = createClient(options, INTERACTIVE_TIMEOUT_MS);
  const { clock = systemClock } = options;
  const limiter = options.limiter ?? createLocalLimiter(clock);
  const stopping = new AbortController();
  const turns = createTurns({ limiter, clock, log, signal: stopping.signal });
  const tell = createEphemeral({
    client,
    apiUrl: options.apiUrl,
    turns,
    patienceMs: PATIENCE_MS,
    clock,
    log,
  });
  let identity: Ourselves | null = null;
  const listeners = createListeners({
    inbox: options.inbox,
    tell,
    openModal: async (triggerId, view) => {
      await asking(() => client.views.open({ trigger_id: triggerId, view }));
    },
    installation: options,
    botUser: () => identity?.botUser ?? "",
    mentionMaxAgeMs: options.mentionMaxAgeMs ?? 5 * 60_000,
    log,
    now: () => clock.now(),
  });
  const connection = createConnection(log);
  const underWay = new Set<Promise<void>>();
  /** Waits for `work` to settle, but at most `ms`. */
  const within = async (ms: number, work: Promise<unknown>): Promise<void> => {
    const over = new AbortController();
    await Promise.race([work.catch(() => undefined), clock.sleep(ms, over.signal)]);
    over.abort();
  };
  const tracked = (work: Promise<void>): Promise<void> => {
    const one = work.finally(() => underWay.delete(one));
    underWay.add(one);
    return one;
  };
  const receiver = createReceiver(options, log, (socket) => connection.watch(socket));
  const app = new AckingApp({
    receiver,
    logger: slackLogger(log),
    clientOptions: clientOptions(options, INTERACTIVE_TIMEOUT_MS),
    convoStore: false,
    authorize: () =>
      Promise.resolve({
        botToken: options.botToken,
        ...(identity === null ? {} : { botUserId: identity.botUser }),
        ...(identity?.botId == null ? {} : { botId: identity.botId }),
      }),
  });
  const timed = timedBy(options.measures ?? UNMEASURED, clock);
  register(app, options.command, { listeners, tracked, timed });
  app.error((error) => {
    log.error({ err: error }, "slack listener failed");
    return Promise.resolve();
  });

  return {
    async start() {
      const who = await patiently(() => asking(() => client.auth.test()), {
        log,
        clock,
        signal: stopping.signal,
      });
      identity = ourselvesOf(who);
      await asking(async () => {
        if (options.mode.is === "http") await app.start({ port: options.mode.port, host: options.mode.host });
        else await app.start();
      });
      if (options.mode.is === "http") connection.open();
      log.info({ team: identity.team, mode: options.mode.is }, "connected to slack");
    },
    async stop() {
      connection.close();
      // still connected, because current work has acks to send
      await within(DRAIN_MS, settled(underWay));
      stopping.abort();
      await within(DISCONNECT_MS, Promise.resolve(app.stop()));
      await within(1000, settled(underWay));
    },
    ready: () => connection.ready(),
    numConnections: () => connection.count(),
    identity: () => identity,
  };
}

/** An acknowledgement that measures how long it took to come to it. */
type Timed = <A extends unknown[]>(
  kind: "command" | "press" | "form" | "mention",
  ack: (...with_: A) => Promise<void>,
) => (...with_: A) => Promise<void>;

function timedBy(measures: Measures, clock: Clock): Timed {
  return (kind, ack) => {
    const began = clock.monotonic();
    return async (...with_) => {
      await ack(...with_);
      measures.took("flinkops.ack.duration", clock.monotonic() - began, { kind });
    };
  };
}

/** The forms that people submit. */
export const FORMS = new RegExp(`^(?:${formIds.join("|")})$`, "u");

/** Only four listeners, because Bolt runs each of them for every payload. */
function register(
  app: App,
  command: string,
  {
    listeners,
    tracked,
    timed,
  }: { listeners: Listeners; tracked: (work: Promise<void>) => Promise<void>; timed: Timed },
): void {
  app.command(command, ({ command: payload, ack }) =>
    tracked(listeners.command(payload, timed("command", ack))),
  );
  app.action(/.*/u, ({ body, ack }) =>
    tracked(
      listeners.press(
        body,
        timed("press", () => ack()),
      ),
    ),
  );
  app.view({ callback_id: FORMS, type: "view_submission" }, ({ body, ack }) => {
    const answer = async (response?: FieldErrors): Promise<void> =>
      await (response === undefined ? ack() : ack(response));
    return tracked(listeners.submit(body, timed("form", answer)));
  });
  app.event("app_mention", ({ body, context }) => {
    const ackEvent: unknown = context["ackEvent"];
    const ack = async (): Promise<void> => {
      if (typeof ackEvent === "function") await ackEvent();
    };
    return tracked(listeners.mention(body, timed("mention", ack)));
  });
}

function createReceiver(
  options: SlackOptions,
  log: Log,
  watch: (socket: SocketModeReceiver["client"]) => void,
): Receiver {
  const logger = slackLogger(log);
  if (options.mode.is === "http")
    return new HTTPReceiver({ signingSecret: options.mode.signingSecret, port: options.mode.port, logger });
  const receiver = new SocketModeReceiver({
    appToken: options.mode.appToken,
    logger,
    // also the delay before socket-mode reconnects: its default is 5 s, in which the bot receives nothing
    clientPingTimeout: options.reconnectMs ?? RECONNECT_MS,
    installerOptions: {
      // the App's own clientOptions do not reach this receiver
      clientOptions: {
        slackApiUrl: checkedApiUrl(options.apiUrl),
        // if reconnecting gave up, the bot would receive nothing; the default delays grow to hours
        retryConfig: { forever: true, factor: 1.5, minTimeout: 500, maxTimeout: 10_000, randomize: true },
        timeout: 10_000,
      },
    },
  });
  watch(receiver.client);
  return receiver;
}

/** Retries until Slack answers: a bot that starts during an outage just waits, and its readiness says so. */
async function patiently<T>(
  call: () => Promise<T>,
  { log, clock, signal }: { log: Log; clock: Clock; signal: AbortSignal },
): Promise<T> {
  for (let waitMs = 500; ; waitMs = Math.min(waitMs * 2, 10_000)) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof SlackUnavailable) || signal.aborted) throw error;
      log.warn({ problem: error.message }, "slack does not answer yet");
      await pause(clock, Math.max(waitMs, error.retryAfterMs), signal);
    }
  }
}

const settled = async (work: ReadonlySet<Promise<void>>): Promise<void> => {
  while (work.size > 0) await Promise.allSettled(work);
};
