import { describe, expect, it } from "vitest";
import { createLog, parseLogLevel } from "../../src/platform/log.ts";

function capture(level: Parameters<typeof createLog>[0] = "debug") {
  const lines: string[] = [];
  const log = createLog(level, { write: (line: string) => void lines.push(line) });
  return { log, text: () => lines.join(""), parsed: () => lines.map((line): unknown => JSON.parse(line)) };
}

const SECRETS: [name: string, fields: Record<string, unknown>, mustNotShow: string][] = [
  ["a bot token", { answer: "for xoxb-12-34-AbC done" }, "xoxb-12"],
  ["a rotated token", { answer: "xoxe.xoxb-1-AbC" }, "xoxb-1"],
  ["an app token", { deep: { list: ["xapp-1-A0-99-ff"] } }, "xapp-1"],
  ["authorization", { headers: { Authorization: "hush" } }, "hush"],
  ["a bearer token in a text", { text: "curl -H 'authorization: Bearer hush.hush-1'" }, "hush"],
  ["a basic credential in a text", { text: "Basic aHVzaDpodXNo" }, "aHVzaD"],
  ["a response_url by name", { response_url: "https://elsewhere/hush" }, "hush"],
  ["a response address by shape", { url: "https://hooks.slack.com/commands/T1/2/hush" }, "hush"],
  ["a password in an address", { url: "redis://:hush@redis:6379" }, "hush"],
  ["a password with an @", { url: "https://ana:hush@hush@host/x" }, "hush"],
  ["an address object", { at: new URL("https://ana:hush@host/") }, "hush"],
  ["Socket Mode's ticket", { url: "wss://wss-primary.slack.com/link/?ticket=hush&app_id=x" }, "hush"],
  ["a token in a map", { all: new Map([["botToken", "hush"]]) }, "hush"],
  ["an error's message", { error: new Error("GET https://u:hush@h failed") }, "hush"],
  ["an error's cause", { error: new Error("x", { cause: new Error("token xoxp-1-hush") }) }, "hush"],
  [
    "a foreign error's fields",
    { error: Object.assign(new Error("x"), { config: { data: "hush" } }) },
    "hush",
  ],
  ["a password field", { auth: { user: "ana", password: "hush" } }, "hush"],
  ["a cookie", { "set-cookie": ["hush"] }, "hush"],
];

describe("secrets", () => {
  it.each(SECRETS)("are cut out: %s", (_, fields, mustNotShow) => {
    const { log, text } = capture();
    log.info(fields, "looked");
    expect(text()).toContain('"msg":"looked"');
    expect(text()).not.toContain(mustNotShow);
  });

  it.each(SECRETS)("are cut out of a child's fields: %s", (_, fields, mustNotShow) => {
    const { log, text } = capture();
    log.child(fields).warn({}, "looked");
    expect(text()).not.toContain(mustNotShow);
  });

  it("are cut out of the message itself", () => {
    const { log, text } = capture();
    log.error({}, "with xoxb-1-hush");
    expect(text()).not.toContain("hush");
  });
});

it("keeps the facts", () => {
  const { log, parsed } = capture();
  const error = Object.assign(new Error("reading savepoint: connect ECONNREFUSED"), {
    code: "flink_unreachable",
  });
  log.child({ requestId: "r1" }).info({ jobId: "j1", n: 3, nothing: null, error }, "phase entered");
  expect(parsed()).toMatchObject([
    {
      level: "info",
      requestId: "r1",
      jobId: "j1",
      n: 3,
      nothing: null,
      error: { name: "Error", code: "flink_unreachable", message: "reading savepoint: connect ECONNREFUSED" },
      msg: "phase entered",
    },
  ]);
});

it("survives circles, depth, length, bytes and bad dates", () => {
  const { log, parsed } = capture();
  const circle: Record<string, unknown> = {
    name: "c",
    bytes: new Uint8Array(3),
    when: new Date(Number.NaN),
    big: 1n,
  };
  circle["self"] = circle;
  log.info({ circle, long: "x".repeat(10_000) }, "looked");
  const [line] = parsed();
  expect(line).toMatchObject({ circle: { self: "[deeper]", bytes: "[3 bytes]", when: null, big: "1" } });
  expect(JSON.stringify(line).length).toBeLessThan(5_000);
});

it("leaves out lines below its level", () => {
  const { log, text } = capture("warn");
  log.info({}, "quiet");
  log.warn({}, "loud");
  expect(text()).not.toContain("quiet");
  expect(text()).toContain("loud");
});

it.each<[string | undefined, string]>([
  [undefined, "info"],
  ["DEBUG", "debug"],
  [" warn ", "warn"],
  ["shout", "info"],
])("reads the level %j as %s", (text, level) => {
  expect(parseLogLevel(text)).toBe(level);
});
