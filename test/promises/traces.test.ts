import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { until } from "../../playground/processes.ts";
import { ANA, BEN } from "../../playground/slack/workspace-seed.ts";
import { headOf } from "../harness/cards.ts";
import { addKnownJob } from "../harness/known-job.ts";
import { suiteWith } from "../harness/needs.ts";
import { startWorld, type World } from "../harness/world.ts";

const suite = await suiteWith(["redis"]);

const attribute = z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) });
const sentSpan = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  attributes: z.array(attribute),
});
type SentSpan = z.infer<typeof sentSpan>;
/** OTLP in JSON: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */
const batch = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: z.array(attribute) }),
      scopeSpans: z.array(z.object({ spans: z.array(sentSpan) })),
    }),
  ),
});

/** Takes what an OpenTelemetry collector would. `hangs`: it never answers. */
async function startCollector({ hangs }: { hangs: boolean } = { hangs: false }) {
  const spans: SentSpan[] = [];
  const bodies: string[] = [];
  const types = new Set<string>();
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request);
    bodies.push(body);
    const type = request.headers["content-type"] ?? "";
    types.add(type);
    if (request.url === "/v1/traces" && type === "application/json")
      for (const { scopeSpans } of batch.parse(JSON.parse(body)).resourceSpans)
        spans.push(...scopeSpans.flatMap((scope) => scope.spans));
    if (!hangs)
      response.writeHead(200, { "content-type": type }).end(type === "application/json" ? "{}" : "");
  };
  const server: Server = createServer((request, response) => void take(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    spans,
    bodies,
    types,
    /** For `until`: whether something sent names this. */
    has: (name: string) => async () =>
      await Promise.resolve(bodies.some((body) => body.includes(`"${name}"`)) ? true : null),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const valueOf = (span: SentSpan, key: string): unknown =>
  Object.values(span.attributes.find((a) => a.key === key)?.value ?? {})[0];

suite("bot and worker trace a request together", () => {
  let world: World;
  let collector: Awaited<ReturnType<typeof startCollector>>;

  beforeAll(async () => {
    collector = await startCollector();
    world = await startWorld({
      roles: ["bot"],
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
        OTEL_METRIC_EXPORT_INTERVAL: "200",
        OTEL_BSP_SCHEDULE_DELAY: "100",
      },
    });
    await world.start({ roles: ["worker"] });
  });
  afterAll(async () => {
    await world.stop();
    collector.close();
  });

  it("from the command to the outcome, with each call, and names nobody", async () => {
    await addKnownJob(world, "traced-job");
    const stop = await world.people.change(ANA, "stop traced-job");
    await world.people.approve(BEN, await stop.headed("Waiting for approval"));
    expect(headOf(await stop.outcome())).toContain("✅");
    const id = (await world.stored.audit()).find((e) => e.event === "approved")?.requestId ?? "";
    const trace = await until("the last message is traced", () => {
      const mine = collector.spans.filter((span) => span.traceId === `0${id.slice(1)}`);
      const posted = mine.filter((span) => span.name === "slack chat.postMessage");
      const ended = mine.some((span) => valueOf(span, "flinkops.state") === "ended");
      return Promise.resolve(posted.length >= 3 && ended ? mine : null);
    });
    const names = trace.map((span) => span.name);
    expect(names).toEqual(
      expect.arrayContaining([
        "command",
        "approve",
        "step",
        "effect",
        "show",
        "POST",
        "GET",
        "slack chat.update",
      ]),
    );
    // BullMQ's own: the bot adds, the worker takes
    expect(names.some((name) => name.startsWith("add "))).toBe(true);
    expect(names.some((name) => name.startsWith("process "))).toBe(true);
    const roots = trace.filter((span) => span.parentSpanId === undefined || span.parentSpanId === "");
    expect(roots.map((span) => span.name)).toEqual(["command"]);
    const known = new Set(trace.map((span) => span.spanId));
    const orphans = trace.filter((span) => !roots.includes(span) && !known.has(span.parentSpanId ?? ""));
    // the span of what BullMQ is still processing is not sent yet
    expect(orphans.filter((span) => span.name !== "step")).toEqual([]);
    const effect = trace.find((span) => span.name === "effect");
    const sent = trace.filter((span) => span.name === "POST" && span.parentSpanId === effect?.spanId);
    expect(sent.map((span) => valueOf(span, "http.response.status_code"))).toEqual([202]);
    const all = collector.bodies.join("\n");
    expect(all).not.toMatch(/traced-job|U0[A-Z0-9]{6,}|C0[A-Z0-9]{6,}|S0[A-Z0-9]{6,}|xox[a-z]-/u);
  });

  it("and send what they measure, with the gauges", async () => {
    await until("a duration is sent", collector.has("flinkops.request.duration"));
    await until("a gauge is sent", collector.has("flinkops.workers"));
  });

  it("and send nothing that belongs to no request, however long they wait", async () => {
    await until("the worker has looked into an empty queue", () =>
      Promise.resolve(collector.spans.length > 0 ? true : null),
    );
    const ids = new Set((await world.stored.audit()).map((entry) => `0${entry.requestId.slice(1)}`));
    const strange = collector.spans.filter((span) => !ids.has(span.traceId) && span.name !== "command");
    expect(strange).toEqual([]);
  });
});

suite("a collector that takes protobuf, the default", () => {
  it("gets it, and is left alone where the SDK is disabled", async () => {
    const collector = await startCollector();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: "100" };
    const world = await startWorld({ env });
    try {
      await world.people.ask(ANA, "list");
      await until("spans arrive", () =>
        Promise.resolve(collector.bodies.some((body) => body.includes("flinkops.request.id")) ? true : null),
      );
      expect([...collector.types]).toEqual(["application/x-protobuf"]);
    } finally {
      await world.stop();
    }
    collector.bodies.length = 0;
    const without = await startWorld({ env: { ...env, OTEL_SDK_DISABLED: "true" } });
    try {
      await without.people.ask(ANA, "list");
    } finally {
      await without.stop();
      collector.close();
    }
    expect(collector.bodies).toEqual([]);
  });
});

suite("a collector that never answers", () => {
  it("holds up neither a request nor the end of the process", async () => {
    const collector = await startCollector({ hangs: true });
    const world = await startWorld({
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: "100" },
    });
    try {
      await addKnownJob(world, "untraced-job");
      const outcome = await (await world.people.change(ANA, "savepoint untraced-job")).outcome();
      expect(headOf(outcome)).toContain("✅");
      const began = performance.now();
      await world.products[0]?.stop();
      expect(performance.now() - began).toBeLessThan(8000);
    } finally {
      await world.stop();
      collector.close();
    }
  });
});
