import { describe, expect, test } from "vitest";
import { SlackUnavailable } from "../../src/model/errors.ts";
import type { Lane } from "../../src/requests/ports/conversation.ts";
import { rates } from "../../src/slack/rate-limits.ts";
import { sharedLimiter } from "../fakes/gcra.ts";
import { createTurns } from "../../src/slack/turns.ts";
import { settle, SteppedClock } from "../fakes/clock.ts";
import { aLog } from "./workspace.ts";

/** Lines on a clock that a test moves; `said` is who had a turn, and when. */
function aLine(signal?: AbortSignal) {
  const clock = new SteppedClock();
  const log = aLog();
  const turns = createTurns({ limiter: sharedLimiter(clock), clock, log, signal });
  const said: [string, number][] = [];
  const post = (
    name: string,
    lane: Lane,
    how: { key?: string; wanted?: () => boolean; patienceMs?: number } = {},
  ) => {
    const { key = "post:C1", wanted = () => true, ...rest } = how;
    return turns
      .take({ key, rate: rates.post, lane, ...rest }, () => Promise.resolve(wanted() ? name : null))
      .then((got) => {
        if (got !== null) said.push([got, clock.at]);
        return got;
      });
  };
  return { clock, log, turns, said, post };
}
const backlog = async (line: ReturnType<typeof aLine>, n: number, lane: Lane): Promise<void> => {
  for (let i = 0; i < n; i += 1) void line.post(`${lane} ${i}`, lane);
  await settle();
};

describe("turns", () => {
  test("the card of a brake is posted within a second, whatever waits in its channel", async () => {
    const line = aLine();
    await backlog(line, 40, "answer");
    await backlog(line, 10, "approval");
    await line.clock.advance(5000);
    void line.post("brake", "brake");
    await line.clock.advance(1000);
    const [, at = Infinity] = line.said.find(([name]) => name === "brake") ?? [];
    expect(at - 5000).toBeLessThanOrEqual(1000);
  });
  test("cards before answers, outcomes before mentions, milestones before follow-ups: urgent first, else first come", async () => {
    const line = aLine();
    await backlog(line, 3, "brake");
    const order: Lane[] = ["followUp", "milestone", "mention", "outcome", "answer", "approval", "brake"];
    for (const lane of [...order, ...order]) void line.post(lane, lane);
    await line.clock.advance(60_000);
    const names = line.said.slice(3).map(([name]) => name);
    expect(names).toEqual(order.toReversed().flatMap((lane) => [lane, lane]));
  });
  test("one a second in the long run, three at once after a rest", async () => {
    const line = aLine();
    await backlog(line, 30, "brake");
    await line.clock.advance(60_000);
    expect(line.said.slice(0, 4).map(([, at]) => at)).toEqual([0, 0, 0, 1000]);
    expect(line.said.at(-1)?.[1]).toBe(27_000);
  });
  test("what is not wanted any more when its turn comes is dropped, and costs nobody a turn", async () => {
    const line = aLine();
    await backlog(line, 3, "brake");
    const running = { is: true };
    const dropped = line.post("milestone", "milestone", { wanted: () => running.is });
    void line.post("follow-up", "followUp");
    await line.clock.advance(500);
    running.is = false;
    await line.clock.advance(60_000);
    expect(await dropped).toBeNull();
    expect(line.said.slice(3)).toEqual([["follow-up", 3000]]);
  });
  test("channels do not wait for each other", async () => {
    const line = aLine();
    await backlog(line, 20, "answer");
    void line.post("elsewhere", "followUp", { key: "post:C2" });
    await settle();
    expect(line.said).toContainEqual(["elsewhere", 0]);
  });
  test("whoever holds something waits no longer than their patience, and is told for how long it would be", async () => {
    const line = aLine();
    await backlog(line, 20, "brake");
    const error = await line.post("answer", "answer", { patienceMs: 100 }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(SlackUnavailable);
    expect(error).toMatchObject({ name: "SlackUnavailable", retryAfterMs: expect.any(Number) });
  });
  test("where Slack asks to wait, all in that line do", async () => {
    const line = aLine();
    line.turns.hold("post:C1", 4000);
    void line.post("card", "brake");
    await line.clock.advance(3999);
    expect(line.said).toEqual([]);
    await line.clock.advance(1);
    expect(line.said).toEqual([["card", 4000]]);
  });
  test("waiting is no warning; a backlog is one line a minute and channel, with length and age", async () => {
    const line = aLine();
    await backlog(line, 100, "answer");
    await line.clock.advance(1500);
    expect(line.log.lines).toEqual([]);
    await line.clock.advance(90_000);
    expect(line.log.lines.map((l) => l.replace(/\d+/gu, "n"))).toEqual([
      'info slack posts are waiting their turn {"channel":"Cn","waiting":n,"oldestMs":n}',
      'info slack posts are waiting their turn {"channel":"Cn","waiting":n,"oldestMs":n}',
    ]);
  });
  test("all waits end when the process stops", async () => {
    const stop = new AbortController();
    const line = aLine(stop.signal);
    await backlog(line, 3, "brake");
    const waiting = line.post("card", "answer");
    await settle();
    stop.abort();
    await expect(waiting).rejects.toThrow("stopping");
  });
  test("what cannot be made is nobody else's trouble", async () => {
    const line = aLine();
    const wanted = { key: "post:C1", rate: rates.post, lane: "brake" } as const;
    const bad = line.turns.take(wanted, () => Promise.reject(new Error("no record")));
    await expect(bad).rejects.toThrow("no record");
    expect(await line.post("card", "answer")).toBe("card");
  });
});
