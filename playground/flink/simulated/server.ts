import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type ClusterOptions, SimulatedCluster } from "./cluster.ts";
import { controlClient, type SimulatedControl } from "./control.ts";
import { control } from "./control-routes.ts";
import { type Fault, Faults } from "./faults.ts";
import { route } from "./routes.ts";
import { plainNo, type SimulatedAnswer } from "./words.ts";

/** A request that reached Flink's REST API, whether or not it changed anything. */
export interface SeenRequest {
  n: number;
  at: number;
  method: string;
  path: string;
  /** 0: no answer was given. */
  status: number;
  body: string;
}

export interface SimulatedFlink {
  url: string;
  control: SimulatedControl;
  stop(): Promise<void>;
}

export interface SimulatedState {
  cluster: SimulatedCluster;
  faults: Faults;
  requests: SeenRequest[];
}

const GRAPH = /\/jobs\/[0-9a-f]{32}(?:\/checkpoints|\/exceptions)?$/u;
const METRICS = /\/metrics$/u;
const ELECTION = "Service temporarily unavailable due to an ongoing leader election. Please refresh.";

/** A simulated JobManager on a loopback port (0: any free one). */
export async function startSimulated(
  options: ClusterOptions & { port?: number } = {},
): Promise<SimulatedFlink> {
  const state: SimulatedState = {
    cluster: new SimulatedCluster(options),
    faults: new Faults(),
    requests: [],
  };
  /** Requests that are held or answered late are released when it ends. */
  const stopping = new AbortController();
  const pause = async (ms: number): Promise<void> => {
    await sleep(ms, undefined, { signal: stopping.signal });
  };
  const cache = new Map<string, { at: number; answer: SimulatedAnswer }>();

  /** What comes from a cached graph, or from metrics that were fetched some time ago. */
  function answerOf(request: Parameters<typeof route>[1]): SimulatedAnswer {
    const { cacheMs, metricsMs } = state.cluster.timings;
    const most = GRAPH.test(request.path) ? cacheMs : METRICS.test(request.path) ? metricsMs : 0;
    if (request.method !== "GET" || most === 0) return route(state.cluster, request);
    const key = `${request.path}?${request.query.toString()}`;
    const known = cache.get(key);
    if (known !== undefined && Date.now() - known.at < most) return known.answer;
    const answer = route(state.cluster, request);
    cache.set(key, { at: Date.now(), answer });
    return answer;
  }

  const server = createServer((req, res) => {
    serve(req, res).catch(() => req.socket.destroy());
  });

  async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const url = new URL(req.url ?? "/", "http://localhost");
    const text = await bodyOf(req);
    const request = { method: req.method ?? "GET", path: url.pathname, query: url.searchParams, text };
    if (url.pathname.startsWith("/_control/")) {
      write(res, control(state, request));
      return;
    }
    const seen = {
      n: state.requests.length + 1,
      at: Date.now(),
      method: request.method,
      path: url.pathname + url.search,
      status: 0,
      body: text,
    };
    state.requests.push(seen);
    if (Date.now() < state.cluster.downUntil) {
      req.socket.destroy();
      return;
    }
    if (Date.now() < state.cluster.electingUntil) {
      seen.status = 503;
      write(res, plainNo(503, ELECTION));
      return;
    }
    const fault = state.faults.take(request.method, req.url ?? "/");
    const before = fault !== null && fault.when !== "after";
    if (before && fault.hold === true) await state.faults.hold();
    if (before) await pause(fault.delayMs ?? 0);
    const replaced = fault !== null && isReplacing(fault);
    const answer = before && replaced ? plainNo(500, "unused") : answerOf(request);
    if (fault?.when === "after" && fault.hold === true) await state.faults.hold();
    if (fault?.when === "after") await pause(fault.delayMs ?? 0);
    seen.status =
      fault !== null && replaced ? (fault.cut === true ? 0 : (fault.status ?? answer.status)) : answer.status;
    if (fault !== null && replaced) writeFault(req, res, fault, answer);
    else write(res, answer);
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    control: controlClient(url),
    async stop() {
      stopping.abort();
      state.faults.clear();
      state.cluster.close();
      await close(server);
    },
  };
}

const isReplacing = (f: Fault): boolean => f.status !== undefined || f.cut === true || f.half === true;

function writeFault(req: IncomingMessage, res: ServerResponse, fault: Fault, answer: SimulatedAnswer): void {
  if (fault.cut === true) {
    req.socket.destroy();
    return;
  }
  if (fault.half === true) {
    const text = answer.text ?? JSON.stringify(answer.body);
    res.writeHead(answer.status, { "content-type": "application/json", "content-length": text.length });
    res.write(text.slice(0, Math.floor(text.length / 2)), () => req.socket.destroy());
    return;
  }
  const status = fault.status ?? 500;
  if (fault.words !== undefined) {
    write(res, plainNo(status, fault.words));
    return;
  }
  const page = "<!DOCTYPE html><html><head><title>proxy</title></head><body><h1>sorry</h1></body></html>";
  res.writeHead(status, {
    "content-type": "text/html",
    ...(fault.location === undefined ? {} : { location: fault.location }),
  });
  res.end(fault.text ?? (fault.html === false ? "" : page));
}

function write(res: ServerResponse, answer: SimulatedAnswer): void {
  const type = answer.text === undefined ? "application/json; charset=UTF-8" : "text/plain";
  const bytes = Buffer.from(answer.text ?? JSON.stringify(answer.body));
  res.writeHead(answer.status, { "content-type": type, "content-length": bytes.length });
  res.end(bytes);
}

async function bodyOf(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
