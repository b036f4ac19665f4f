import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { afterEach, describe, expect, it } from "vitest";
import { requestIdOf } from "../../src/requests/record/identity.ts";
import { type StartedTraces, traceIdOf, tracing } from "../../src/telemetry/traces.ts";

const ID = requestIdOf("T1", "1.2");
const CHILD = requestIdOf("T1", "1.3");
const open: StartedTraces[] = [];

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

/** A process that traces; `sent` ends it and returns what it has sent. */
function process(name = "p1") {
  const spans: ReadableSpan[] = [];
  const one = tracing(
    {
      export(more, told) {
        spans.push(...more);
        told({ code: 0 });
      },
      shutdown: async () => await Promise.resolve(),
    },
    { version: "1.2.3", process: name },
  );
  open.push(one);
  return {
    traces: one.traces,
    sent: async () => {
      await one.close();
      return spans;
    },
  };
}

const nothing = async (): Promise<void> => await Promise.resolve();
const named = (spans: readonly ReadableSpan[], name: string): ReadableSpan => {
  const found = spans.find((span) => span.name === name);
  if (found === undefined) throw new Error(`no span ${name}`);
  return found;
};

describe("a request's trace", () => {
  it("has the request's id, whichever process adds to it", async () => {
    const bot = process("bot");
    await bot.traces.work({ requestId: ID, as: "first" }, { name: "command" }, nothing);
    const first = named(await bot.sent(), "command");
    const worker = process("worker");
    await worker.traces.work({ requestId: ID, as: "part" }, { name: "step" }, async () => {
      await worker.traces.call({ name: "GET" }, nothing);
    });
    const spans = await worker.sent();
    const [step, call] = [named(spans, "step"), named(spans, "GET")];
    expect(traceIdOf(ID)).toBe(`0${ID.slice(1)}`);
    for (const span of [first, step, call]) expect(span.spanContext().traceId).toBe(traceIdOf(ID));
    expect(first.parentSpanContext).toBeUndefined();
    expect(step.parentSpanContext?.spanId).toBe(first.spanContext().spanId);
    expect(call.parentSpanContext?.spanId).toBe(step.spanContext().spanId);
    expect(step.attributes["flinkops.request.id"]).toBe(ID);
    // the span that the worker took for its parent is not sent a second time
    expect(spans).toHaveLength(2);
  });

  it("is linked to the trace of the request that started it", async () => {
    const { traces, sent } = process();
    await traces.work({ requestId: CHILD, as: "first", startedBy: ID }, { name: "spawn" }, nothing);
    const spawn = named(await sent(), "spawn");
    expect(spawn.spanContext().traceId).toBe(traceIdOf(CHILD));
    expect(spawn.links.map((link) => link.context.traceId)).toEqual([traceIdOf(ID)]);
  });

  it("is one of its own where the work on one request begins work on another", async () => {
    const { traces, sent } = process();
    await traces.work({ requestId: ID, as: "part" }, { name: "step" }, async () => {
      await traces.work({ requestId: CHILD, as: "part" }, { name: "other" }, nothing);
    });
    expect(named(await sent(), "other").spanContext().traceId).toBe(traceIdOf(CHILD));
  });

  it("names the kind of an error, and not its words", async () => {
    const { traces, sent } = process();
    const failing = traces.work({ requestId: ID, as: "part" }, { name: "step" }, async () => {
      await nothing();
      throw new TypeError("xoxb-very-secret");
    });
    await expect(failing).rejects.toThrow("xoxb");
    const step = named(await sent(), "step");
    expect(step.attributes["error.type"]).toBe("TypeError");
    expect(step.status.code).toBe(2);
    expect(JSON.stringify([step.attributes, step.status, step.events])).not.toContain("xoxb");
  });

  it("says what was noted, and which version of which process it is from", async () => {
    const { traces, sent } = process("p7");
    await traces.work({ requestId: ID, as: "part" }, { name: "step" }, async () => {
      traces.note({ "flinkops.state": "ready" });
      await traces.call({ name: "GET" }, async (note) => {
        await nothing();
        note({ "http.response.status_code": 404 });
      });
    });
    const spans = await sent();
    expect(named(spans, "step").attributes["flinkops.state"]).toBe("ready");
    expect(named(spans, "GET").attributes["http.response.status_code"]).toBe(404);
    expect(named(spans, "GET").resource.attributes).toMatchObject({
      "service.name": "flinkops",
      "service.version": "1.2.3",
      "service.instance.id": "p7",
    });
  });
});

describe("what belongs to no request", () => {
  it("is not traced, such as the reading of the job cache", async () => {
    const { traces, sent } = process();
    expect(await traces.call({ name: "GET" }, async () => await Promise.resolve(7))).toBe(7);
    expect(await sent()).toEqual([]);
  });
});
