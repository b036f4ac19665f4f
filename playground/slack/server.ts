import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { answerControl } from "./control.ts";
import { HttpDoor } from "./delivery.ts";
import { Dispatch } from "./dispatch.ts";
import { Faults } from "./faults.ts";
import { readBody, sendJson } from "./http.ts";
import { DEFAULT_MANIFEST, readManifest } from "./manifest.ts";
import { servePage } from "./page-files.ts";
import { useResponseUrl } from "./responses.ts";
import { SocketDoor } from "./socket.ts";
import { SlackState } from "./state.ts";
import { answerCall, RateLimits } from "./web-api/call.ts";
import { receiveUpload } from "./web-api/files.ts";
import { defaultSeed, type Seed } from "./workspace-seed.ts";
import { SLACK_TIMES, type Times, type World } from "./world.ts";

export interface StandInOptions {
  /** 0 or absent: a free one. */
  port?: number;
  seed?: Seed;
  /** One message per second and channel, chat.update 50 a minute, and the tiers of the rest. Off unless asked for. */
  rateLimits?: boolean;
  /** How the app is reached; Socket Mode unless told. */
  deliver?: "socket" | { http: string; signingSecret?: string };
  /** A `manifest.yml` whose scopes, commands and events count. */
  manifestPath?: string;
  /** Whether the workspace granted the manifest's `bot_optional` scopes; declined unless told. */
  optionalScopes?: "granted" | "declined";
  /** Exactly these scopes, whatever the manifest says. */
  scopes?: readonly string[];
  /** Types of blocks that are refused with `invalid_blocks`, as by a Slack that does not know them yet: `["table"]`. */
  unknownBlocks?: readonly string[];
  /** What the page offers in an empty channel, to be sent with one click. */
  suggestions?: readonly string[];
  /** Slack's own times, shorter for a test. */
  times?: Partial<Times>;
}

export interface SlackStandIn {
  /** The page and the control API. */
  url: string;
  /** For `clientOptions.slackApiUrl`. */
  apiUrl: string;
  appToken: string;
  botToken: string;
  signingSecret: string;
  /** The inside, for tests in the same process. */
  world: World;
  /** Ends every connection and timer. */
  close(): Promise<void>;
}

// not secrets: they open nothing but a stand-in on this machine
const BOT_TOKEN = "xoxb-playground-bot-token";
const APP_TOKEN = "xapp-playground-app-token";
const SIGNING_SECRET = "playground-signing-secret";

const multipartFile = (request: IncomingMessage, body: Buffer): Buffer => {
  const boundary = /boundary=([^;]+)/.exec(request.headers["content-type"] ?? "")?.[1];
  if (boundary === undefined) return body;
  const from = body.indexOf("\r\n\r\n") + 4;
  const to = body.indexOf(`\r\n--${boundary}`, from);
  return body.subarray(from, to);
};

/** Only what comes from this machine and, in a browser, from our own page. */
const fromHere = (request: IncomingMessage): boolean => {
  const host = (request.headers.host ?? "").replace(/:\d+$/, "");
  const { origin } = request.headers;
  return (
    ["127.0.0.1", "localhost"].includes(host) &&
    (origin === undefined || origin === `http://${request.headers.host}`)
  );
};

const route = async (
  world: World,
  limits: RateLimits,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  const [, area = "", ...rest] = pathname.split("/");
  const name = rest.join("/");
  if (!fromHere(request)) sendJson(response, 403, { error: "not from here" });
  else if (area === "api") await answerCall(world, limits, name, request, response);
  else if (area === "_control") await answerControl(world, name, request, response);
  else if (area === "response") {
    const { status, body } = useResponseUrl(world, name, (await readBody(request)).toString());
    sendJson(response, status, body);
  } else if (area === "upload") {
    const taken = receiveUpload(world, rest[1] ?? "", multipartFile(request, await readBody(request)));
    sendJson(response, taken ? 200 : 404, { ok: taken });
  } else servePage(world, pathname, response);
};

const listen = async (server: Server, port: number): Promise<number> =>
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });

/** Starts a workspace that the real `@slack/*` packages connect to unmodified. Binds loopback only. */
export const startSlack = async (options: StandInOptions = {}): Promise<SlackStandIn> => {
  const state = new SlackState(options.seed ?? defaultSeed());
  state.unknownBlocks = new Set(options.unknownBlocks);
  const faults = new Faults();
  const deliver = options.deliver ?? "socket";
  const signingSecret = deliver === "socket" ? SIGNING_SECRET : (deliver.signingSecret ?? SIGNING_SECRET);
  const door =
    deliver === "socket" ? new SocketDoor(() => state.changed()) : new HttpDoor(deliver.http, signingSecret);
  const socket = door instanceof SocketDoor ? door : null;
  const times = { ...SLACK_TIMES, ...options.times };
  const dispatch = new Dispatch(door, faults, state, times);
  const manifest =
    options.manifestPath === undefined
      ? DEFAULT_MANIFEST
      : readManifest(options.manifestPath, options.optionalScopes ?? "declined");
  const world: World = {
    state,
    faults,
    socket,
    dispatch,
    times,
    manifest: options.scopes === undefined ? manifest : { ...manifest, scopes: options.scopes },
    calls: [],
    suggestions: options.suggestions ?? [],
    rateLimits: options.rateLimits ?? false,
    tokens: { bot: BOT_TOKEN, app: APP_TOKEN },
    url: "",
  };
  const limits = new RateLimits();
  const server = createServer((request, response) => {
    route(world, limits, request, response).catch((error: unknown) => {
      console.error("stand-in:", error);
      if (!response.headersSent) sendJson(response, 500, { error: String(error) });
      else response.destroy();
    });
  });
  server.on("upgrade", (request, connection, head) => {
    if (socket === null || !request.url?.startsWith("/link/")) connection.destroy();
    else socket.upgrade(request, connection, head);
  });
  const port = await listen(server, options.port ?? 0);
  world.url = `http://127.0.0.1:${port}`;
  return {
    url: world.url,
    apiUrl: `${world.url}/api/`,
    appToken: APP_TOKEN,
    botToken: BOT_TOKEN,
    signingSecret,
    world,
    async close() {
      state.releaseWaiters();
      await dispatch.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
};
