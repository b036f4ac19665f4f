import { App, HTTPReceiver, type Logger, LogLevel, SocketModeReceiver } from "@slack/bolt";
import { WebClient } from "@slack/web-api";
import { SlackDriver } from "../../../playground/slack/driver.ts";
import { type SlackStandIn, type StandInOptions, startSlack } from "../../../playground/slack/server.ts";

/** Says nothing: refusals and cut connections are what these tests are about. */
const silent: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  setName() {},
  getLevel: () => LogLevel.ERROR,
};

/** A stand-in, its driver, and whatever has to be ended after the test. */
export interface Stage {
  slack: SlackStandIn;
  driver: SlackDriver;
  client: WebClient;
  /** Ends in reverse order, the stand-in last. */
  atEnd(end: () => Promise<unknown>): void;
  end(): Promise<void>;
}

/** A client that tries once and never waits for a rate limit. */
export const newClient = (slack: SlackStandIn, token = slack.botToken): WebClient =>
  new WebClient(token, {
    slackApiUrl: slack.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: silent,
  });

/** Starts a stand-in with a driver. */
export const newStage = async (options: StandInOptions = {}): Promise<Stage> => {
  const slack = await startSlack(options);
  const ends: (() => Promise<unknown>)[] = [];
  return {
    slack,
    driver: new SlackDriver(slack.url),
    client: newClient(slack),
    atEnd: (end) => void ends.push(end),
    async end() {
      for (const end of ends.reverse()) await end();
      await slack.close();
    },
  };
};

/** A real Bolt app over Socket Mode, connected when `listen` has been told what it does. */
export const connect = async (stage: Stage, listen: (app: App) => void): Promise<App> => {
  const { slack } = stage;
  const clientOptions = { slackApiUrl: slack.apiUrl };
  const receiver = new SocketModeReceiver({
    appToken: slack.appToken,
    logger: silent,
    installerOptions: { clientOptions },
    // also how long a busy machine may take for a pong
    clientPingTimeout: 1000,
  });
  const app = new App({ receiver, token: slack.botToken, clientOptions, logger: silent });
  listen(app);
  await app.start();
  stage.atEnd(async () => await app.stop());
  return app;
};

export interface Served extends Stage {
  /** The headers of every request that reached the app. */
  received: { headers: NodeJS.Dict<string | string[]> }[];
}

/** A real Bolt app behind its HTTP receiver, on a free port of the loopback. */
export const serve = async (
  options: StandInOptions & { wrongSecret?: boolean },
  listen: (app: App) => void,
): Promise<Served> => {
  const signingSecret = "playground-signing-secret";
  const receiver = new HTTPReceiver({
    signingSecret: options.wrongSecret === true ? "another" : signingSecret,
    logger: silent,
  });
  const received: Served["received"] = [];
  const server = await receiver.start(0);
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  server.prependListener("request", (request) => received.push({ headers: request.headers }));
  const http = `http://127.0.0.1:${port}/slack/events`;
  const stage = await newStage({ ...options, deliver: { http, signingSecret } });
  const app = new App({
    receiver,
    token: stage.slack.botToken,
    clientOptions: { slackApiUrl: stage.slack.apiUrl },
    logger: silent,
  });
  listen(app);
  stage.atEnd(async () => await receiver.stop());
  return { ...stage, received };
};
