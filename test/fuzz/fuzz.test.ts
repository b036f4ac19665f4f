import { describe, expect, it } from "vitest";
import { parse } from "../../src/command/parse.ts";
import { loadConfig } from "../../src/config/load.ts";
import { ConfigError } from "../../src/model/errors.ts";
import type { Report } from "../../src/model/report.ts";
import { parseSavepointDirectory } from "../../src/model/savepoint-path.ts";
import { decide } from "../../src/policy/decide.ts";
import { compileCondition } from "../../src/policy/condition.ts";
import { accountOf } from "../../src/slack/account.ts";
import { card } from "../../src/slack/card.ts";
import { createListeners } from "../../src/slack/listeners.ts";
import { asked } from "../operations/ask.ts";
import { readsOver } from "./flink-bodies.ts";
import { CANARY } from "./nasty.ts";
import { chanceOf, LONGEST_MS, play } from "./play.ts";
import { markdown, table } from "./report.ts";
import { type Subject, subject, understood } from "./subject.ts";
import { sharesOf, subjects } from "./subjects.ts";
import { answers } from "./subjects/answers.ts";
import { audit } from "./subjects/audit.ts";
import { command } from "./subjects/command.ts";
import { condition } from "./subjects/condition.ts";
import { config } from "./subjects/config.ts";
import { flink } from "./subjects/flink.ts";
import { path } from "./subjects/path.ts";
import { policy } from "./subjects/policy.ts";
import { slack } from "./subjects/slack.ts";
import { stored } from "./subjects/stored.ts";
import { text } from "./subjects/text.ts";
import { webApi } from "./subjects/web-api.ts";

const SEED = 20_261_128;
const some = async (one: Subject, cases = 30) => await play(one, { seed: SEED, from: 1, cases });

const never = (): never => {
  throw new TypeError("Cannot read properties of undefined (reading 'x')");
};
const HARMLESS: Report = { outcome: "done", headline: "orders", lines: [] };

/** Each a fault in the product's side, and the words by which it is seen. */
const FAULTS: readonly (readonly [name: string, Subject, words: RegExp])[] = [
  ["a parser that throws", command({ parse: never }), /TypeError/u],
  [
    "a parser that says no and not what to do",
    command({ parse: () => ({ is: "problem", refusal: { refuse: "No." } }) }),
    /not what to do/u,
  ],
  [
    "a parser that reads a command differently each time",
    command({
      parse(...given) {
        const read = parse(...given);
        const isWritten = read.is === "parsed" && "job" in read.args && /^\w+ "?orders/u.test(given[0]);
        return isWritten
          ? { ...read, args: { ...read.args, job: `${JSON.stringify(read.args["job"])}s` } }
          : read;
      },
    }),
    /is read as/u,
  ],
  [
    "a listener that acks twice",
    slack({
      createListeners: (options) => ({
        ...createListeners(options),
        press: async (_body, ack) => {
          await ack();
          await ack();
        },
      }),
    }),
    /acked 2 times/u,
  ],
  [
    "a listener that takes what it cannot read for somebody",
    slack({
      createListeners: (options) => ({
        ...createListeners(options),
        command: async (_body, ack) => {
          const actor = { user: undefined as never, team: "T1" };
          const place = { channel: "C1", thread: null, door: "command" } as const;
          await options.inbox.say({ text: "list", actor, place, source: "s", responseUrl: null, at: 0 });
          await ack();
        },
      }),
    }),
    /user of say is undefined/u,
  ],
  [
    "an account that is half read",
    webApi({ accountOf: (a) => ({ ...accountOf(a), deleted: 1 as never }) }),
    /no other process/u,
  ],
  [
    "reads that throw what is no error of ours",
    flink({ readsOver: () => ({ ...readsOver({}), job: never }) }),
    /TypeError/u,
  ],
  [
    "a reason that shows a stack and a secret",
    flink({
      readsOver: (bodies) => ({
        ...readsOver(bodies),
        failure: async () => await Promise.resolve({ reason: `x\n\tat a.B.c(B.java:1) ${CANARY}` } as never),
      }),
    }),
    /machine's words/u,
  ],
  [
    "an answer that Slack would refuse",
    answers({
      asked: async () =>
        await Promise.resolve({
          ...HARMLESS,
          offers: [{ label: "x", operation: "x".repeat(2_100), args: {} }],
          lines: ["[object Object]"],
        }),
      card,
    }),
    /machine's words/u,
  ],
  [
    "a card without its words",
    answers({ asked, card: () => ({ text: "", blocks: [] }) }),
    /Slack would refuse/u,
  ],
  [
    "a store that reads what others wrote",
    stored({ ...storeOf((value) => JSON.parse(value)) }),
    /somebody else's/u,
  ],
  [
    "a configuration with the words of a library",
    config({
      loadConfig: () => {
        throw new ConfigError("- clusters: Invalid input: expected object, received undefined");
      },
    }),
    /machine's words/u,
  ],
  [
    "a problem without its path",
    config({
      loadConfig: () => {
        throw new ConfigError("- is wrong");
      },
    }),
    /without its path/u,
  ],
  [
    "a policy that lets everybody",
    policy({ loadConfig, decide: () => ({ is: "allow", rule: "x", why: "yes" }) }),
    /without approval/u,
  ],
  [
    "a policy that throws",
    policy({
      loadConfig,
      decide: (...given) => (given[1].operation === "stop" ? never() : decide(...given)),
    }),
    /TypeError/u,
  ],
  [
    "a condition that changes its mind",
    condition({
      compileCondition: (written) => {
        let n = 0;
        const compiled = compileCondition(written);
        return {
          ...compiled,
          condition: { text: written, holds: () => ({ is: (n++ % 2 === 0 ? "yes" : "no") as "yes" }) },
        };
      },
    }),
    /the same facts/u,
  ],
  [
    "a verifier that finds nothing",
    audit({ verify: () => ({ entries: 0, first: null, last: null, findings: [] }) }),
    /never wrote|hole|cut off/u,
  ],
  [
    "a directory outside",
    path({
      parseSavepointDirectory: (given, how) =>
        "ok" in parseSavepointDirectory(given, how) ? { ok: "s3://other/.." } : { problem: "no" },
    }),
    /below no root/u,
  ],
  ["a text with its secret", text({ redact: (given) => given, innermostCause: () => "" }), /is shown/u],
];

function storeOf(read: (json: string) => unknown): Parameters<typeof stored>[0] & object {
  const any = (_seal: unknown, _at: string, { json }: { json: string }): unknown => {
    try {
      return read(json);
    } catch {
      return null;
    }
  };
  const later = async (...given: Parameters<typeof any>): Promise<unknown> =>
    await Promise.resolve(any(...given));
  return { record: any, intake: any, seen: any, states: later, vertices: later, lock: later };
}

describe("a fault is seen", () => {
  it.each(FAULTS)("%s", async (_, broken, words) => {
    const seen: string[] = [];
    for (let from = 1; from < 200 && !words.test(seen.join("\n")); from += 20)
      seen.push(...(await play(broken, { seed: SEED, from, cases: 20 })).broken.map((b) => b.words));
    expect(seen.join("\n")).toMatch(words);
  });

  it("in whatever all objects share, and the case after it is judged by itself", async () => {
    const pollutes = subject<number>({
      name: "pollutes",
      make: (random) => random.whole(1, 9),
      judge(n) {
        if (n > 5) Object.assign(Object.prototype, { evil: n });
        return understood("x");
      },
    });
    const told = await some(pollutes);
    expect(told.bad).toBeGreaterThan(0);
    expect(told.bad).toBeLessThan(told.cases);
    expect(told.broken[0]?.words).toContain("evil");
    expect({}).not.toHaveProperty("evil");
  });

  it("in how long it takes", async () => {
    const slow = subject<null>({
      name: "slow",
      make: () => null,
      judge() {
        const cpu = process.cpuUsage();
        for (let ms = 0; ms < LONGEST_MS + 50; ) {
          const { user, system } = process.cpuUsage(cpu);
          ms = (user + system) / 1_000;
        }
        return understood("late");
      },
    });
    expect((await some(slow, 1)).broken[0]?.words).toMatch(/^it took \d+ ms of CPU$/u);
  });
});

describe.each(subjects.map((one) => [one.name, one] as const))("%s", (_, one) => {
  it("reads altered inputs, and refuses some of them", async () => {
    const told = await some(one);
    expect(told.broken).toEqual([]);
    expect(told.understood).toBeGreaterThan(0);
    expect(told.refused).toBeGreaterThan(0);
  });

  it("has the same input for the same seed and number", () => {
    expect(one.make(chanceOf(SEED, one, 7))).toEqual(one.make(chanceOf(SEED, one, 7)));
  });
});

it("tells what it did as a table, with what it was measured on", async () => {
  const told = [await some(command(), 5)];
  expect(table(told).split("\n")).toHaveLength(2);
  expect(markdown(told, { seed: 1, seconds: 2, processes: 2 })).toContain(`Node ${process.version}`);
});

it("shares the cases out among the subjects", () => {
  const shares = [...sharesOf(1_000, subjects).values()];
  expect(shares.reduce((a, z) => a + z)).toBeGreaterThanOrEqual(1_000);
  expect(Math.min(...shares)).toBeGreaterThan(0);
});
