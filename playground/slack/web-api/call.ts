import type { IncomingMessage, ServerResponse } from "node:http";
import type { MethodFault } from "../faults.ts";
import { readBody } from "../http.ts";
import { SlackRefusal } from "../refusal.ts";
import type { JsonObject } from "../state.ts";
import type { CallRecord, World } from "../world.ts";
import { chatMethods } from "./chat.ts";
import { fileMethods } from "./files.ts";
import { type Method, TIER_PER_MINUTE } from "./method.ts";
import { viewMethods } from "./views.ts";
import { workspaceMethods } from "./workspace.ts";

const METHODS: Record<string, Method> = {
  ...workspaceMethods,
  ...chatMethods,
  ...viewMethods,
  ...fileMethods,
};
const KEPT = 50_000;

interface Answer {
  status: number;
  body: JsonObject | string;
  headers?: Record<string, string>;
}

const rateLimited = (seconds: number): Answer => ({
  status: 429,
  body: { ok: false, error: "ratelimited" },
  headers: { "retry-after": String(seconds) },
});

/** Counts calls in sliding windows; only used where rate limits are switched on. */
export class RateLimits {
  readonly #seen = new Map<string, number[]>();

  /** Seconds to wait, or 0 when the call may go. */
  take(key: string, allowed: number, windowMs: number): number {
    const now = Date.now();
    const recent = (this.#seen.get(key) ?? []).filter((at) => now - at < windowMs);
    this.#seen.set(key, recent);
    const oldest = recent[0];
    if (recent.length >= allowed && oldest !== undefined) {
      return Math.max(1, Math.ceil((oldest + windowMs - now) / 1000));
    }
    recent.push(now);
    return 0;
  }
}

const readArguments = async (
  request: IncomingMessage,
): Promise<{ args: JsonObject; token: string | null }> => {
  const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? null;
  const query = new URL(request.url ?? "/", "http://localhost").searchParams;
  const type = request.headers["content-type"] ?? "";
  const body = (await readBody(request)).toString();
  if (type.startsWith("application/json")) {
    const parsed: unknown = body === "" ? {} : JSON.parse(body);
    if (typeof parsed !== "object" || parsed === null) throw new SlackRefusal("json_not_object");
    // a JSON body cannot carry the token: https://docs.slack.dev/apis/web-api/#slack-web-api__evaluating-responses
    return { args: { ...parsed }, token: bearer };
  }
  const { token, ...args } = Object.fromEntries([...query, ...new URLSearchParams(body)]);
  return { args, token: bearer ?? token ?? null };
};

const authorise = (world: World, method: Method, token: string | null): void => {
  if (token === null || token === "") throw new SlackRefusal("not_authed");
  const { bot, app } = world.tokens;
  if (token !== bot && token !== app) throw new SlackRefusal("invalid_auth");
  if (token !== (method.token === "bot" ? bot : app)) throw new SlackRefusal("not_allowed_token_type");
  if (method.token === "app" || method.scopes.length === 0) return;
  if (!method.scopes.some((scope) => world.manifest.scopes.includes(scope))) {
    throw new SlackRefusal("missing_scope", {
      needed: method.scopes.join(","),
      provided: world.manifest.scopes.join(","),
    });
  }
};

const limit = (world: World, limits: RateLimits, name: string, method: Method, args: JsonObject): number => {
  if (!world.rateLimits) return 0;
  if (name === "chat.postMessage") return limits.take(`post ${String(args["channel"])}`, 1, 1_000);
  return limits.take(name, TIER_PER_MINUTE[method.tier], 60_000);
};

const faultAnswer = (fault: MethodFault): Answer | null => {
  if (fault.retryAfter !== undefined) return rateLimited(fault.retryAfter);
  if (fault.status !== undefined) {
    return { status: fault.status, body: "<html><body>Something went wrong</body></html>" };
  }
  return fault.error === undefined ? null : { status: 200, body: { ok: false, error: fault.error } };
};

const refused = (error: unknown): Answer => {
  if (error instanceof SlackRefusal) {
    return { status: 200, body: { ok: false, error: error.code, ...error.extra } };
  }
  if (error instanceof SyntaxError) return { status: 200, body: { ok: false, error: "invalid_json" } };
  throw error;
};

const wait = async (ms: number): Promise<void> => await new Promise((resolve) => setTimeout(resolve, ms));

/** Answers one call of `/api/<method>`, with whatever fault is armed for it, and writes it down. */
export const answerCall = async (
  world: World,
  limits: RateLimits,
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const started = performance.now();
  const record: CallRecord = {
    id: (world.calls.at(-1)?.id ?? 0) + 1,
    at: Date.now(),
    method: name,
    args: {},
    ms: 0,
    status: 200,
    ok: false,
    error: null,
    lost: false,
    applied: false,
  };
  world.calls.push(record);
  if (world.calls.length > KEPT) world.calls.shift();
  const method = METHODS[name];
  const armed: { fault: MethodFault | null } = { fault: null };
  const run = async (): Promise<Answer> => {
    try {
      const { args, token } = await readArguments(request);
      record.args = args;
      const fault = world.faults.takeMethod(name, args["channel"], args["thread_ts"] ?? args["ts"]);
      armed.fault = fault;
      if (fault !== null && fault.applied !== true) {
        if (fault.delayMs !== undefined) await wait(fault.delayMs);
        const early = faultAnswer(fault);
        if (early !== null || fault.drop === true) return early ?? { status: 0, body: "" };
      }
      if (method === undefined) throw new SlackRefusal("unknown_method", { req_method: name });
      authorise(world, method, token);
      const seconds = limit(world, limits, name, method, args);
      if (seconds > 0) return rateLimited(seconds);
      const result = method.run(args, world);
      record.applied = true;
      return { status: 200, body: { ok: true, ...result } };
    } catch (error) {
      return refused(error);
    }
  };
  const honest = await run();
  const answer = await spoil(armed.fault, honest);
  record.ms = Math.round(performance.now() - started);
  record.status = answer.status;
  if (typeof answer.body === "object") {
    record.ok = answer.body["ok"] === true;
    record.error = typeof answer.body["error"] === "string" ? answer.body["error"] : null;
  }
  if (answer.status === 0) {
    record.lost = true;
    request.socket.destroy();
    return;
  }
  const text = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body);
  response.writeHead(answer.status, {
    "content-type": typeof answer.body === "string" ? "text/html" : "application/json; charset=utf-8",
    "x-oauth-scopes": (method?.token === "app" ? ["connections:write"] : world.manifest.scopes).join(","),
    ...(method === undefined ? {} : { "x-accepted-oauth-scopes": method.scopes.join(",") }),
    ...answer.headers,
  });
  response.end(text);
};

/** The answer of a call that took effect, as the fault lets it through. */
const spoil = async (fault: MethodFault | null, answer: Answer): Promise<Answer> => {
  if (fault?.applied !== true) return answer;
  if (fault.delayMs !== undefined) await wait(fault.delayMs);
  return fault.drop === true ? { status: 0, body: "" } : (faultAnswer(fault) ?? answer);
};
