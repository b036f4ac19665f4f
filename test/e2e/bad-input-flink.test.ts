import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { Fault } from "../../playground/flink/simulated/faults.ts";
import { ANA, BEN } from "../../playground/slack/workspace-seed.ts";
import { headOf } from "../harness/cards.ts";
import { FORBIDDEN, judge } from "../harness/judge.ts";
import { suiteWith } from "../harness/needs.ts";
import { startWorld, type World } from "../harness/world.ts";

const suite = await suiteWith(["redis"]);
const STACK =
  "\n\tat org.apache.flink.runtime.rest.handler.AbstractHandler.respond(AbstractHandler.java:196)";
const POST = { method: "POST", path: "/savepoints$" } as const;

suite("a Flink, or something before it, that does not answer as it should", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
    await world.flink.control.addJob({ name: "orders" });
  });
  afterEach(async () => await world.flink.control.clearFaults());
  afterAll(async () => await world.stop());

  const effects = async () => (await world.flink.control.effects()).length;
  const under = async (fault: Fault, words: string): Promise<string> => {
    await world.flink.control.fault(fault);
    const { plain, text, blocks } = await world.people.ask(ANA, words);
    await world.flink.control.clearFaults();
    expect(`${plain}${text}${JSON.stringify(blocks)}`).not.toMatch(FORBIDDEN);
    return plain;
  };

  const refusals: [string, Omit<Fault, "path">, RegExp][] = [
    [
      "Flink's own 4xx",
      { status: 400, words: `org.apache.flink.runtime.rest.handler.RestHandlerException: Bad luck.${STACK}` },
      /Bad luck\./u,
    ],
    [
      "Flink's own 5xx",
      { status: 500, words: `java.lang.IllegalStateException: Broken inside.${STACK}` },
      /Broken inside\./u,
    ],
    ["a page from a proxy", { status: 500 }, /HTTP 500 without Flink's error body but a web page/u],
    [
      "a log-in page",
      { status: 200, text: "<!doctype html><h1>Sign in</h1>" },
      /answered with a web page, not Flink.s API/u,
    ],
    ["a proxy that wants credentials", { status: 401 }, /HTTP 401 from a proxy before Flink/u],
    ["a redirect", { status: 302, location: "http://127.0.0.1:9/stolen" }, /a redirect.*not followed/u],
    ["a cut connection", { cut: true }, /does not answer/u],
    ["half an answer", { half: true }, /does not answer|without/u],
    ["a gateway time-out", { status: 504 }, /does not answer/u],
    ["an answer slower than the limit", { delayMs: 2500 }, /does not answer/u],
  ];
  it.each(refusals)("%s: in its own first sentence, nothing is changed", async (_, fault, says) => {
    const before = await effects();
    expect(await under({ path: "/jobs/overview", ...fault }, "status orders")).toMatch(says);
    expect(await under({ path: "/jobs/overview", ...fault }, "savepoint orders")).toMatch(says);
    expect(await effects()).toBe(before);
    const strayed = (await world.flink.control.requests()).filter((r) => r.path.includes("stolen"));
    expect(strayed).toEqual([]);
  });

  it("an answer that fails once is read again, and nobody notices", async () => {
    const plain = await under({ path: "/jobs/overview", cut: true, times: 1 }, "status orders");
    expect(plain).toMatch(/orders (?:is|has been) RUNNING/u);
  });

  const sendings: [string, Fault[], string, number][] = [
    ["is cut before Flink sees it: sent again", [{ ...POST, cut: true, times: 1 }], "✅", 1],
    [
      "is done and the answer cut: asked about, not sent again",
      [{ ...POST, when: "after", cut: true, times: 1 }],
      "✅",
      1,
    ],
    ["is done and a proxy answers 504", [{ ...POST, when: "after", status: 504, times: 1 }], "✅", 1],
    ["is done and answered too late", [{ ...POST, when: "after", delayMs: 2000, times: 1 }], "✅", 1],
    ["is stopped by a proxy with 502", [{ ...POST, status: 502, times: 2 }], "✅", 1],
    [
      "is redirected: never followed",
      [{ ...POST, status: 307, location: "http://127.0.0.1:9/stolen" }],
      "Failed",
      0,
    ],
    [
      "is refused by Flink",
      [
        {
          ...POST,
          status: 400,
          words: `org.apache.flink.FlinkException: No <!channel> & no savepoint.${STACK}`,
        },
      ],
      "Failed",
      0,
    ],
    ["meets a web page of a proxy, twice", [{ ...POST, status: 500, times: 2 }], "✅", 1],
  ];
  it.each(sendings)("a savepoint that %s", async (_, faults, head, times) => {
    const before = await effects();
    for (const fault of faults) await world.flink.control.fault(fault);
    const asked = await world.people.change(ANA, "savepoint orders");
    const over = await asked.outcome();
    expect(headOf(over)).toContain(head);
    expect(await effects()).toBe(before + times);
    expect(`${over.text}${JSON.stringify(over.blocks)}`).not.toMatch(/<!channel/u);
    if (head === "Failed") expect(over.plain).toContain("The job is RUNNING");
  });

  it("a savepoint that a proxy holds up says so on its card, and is sent once it lets it through", async () => {
    const before = await effects();
    await world.flink.control.fault({ ...POST, status: 500 });
    const asked = await world.people.change(ANA, "savepoint orders");
    expect((await asked.headed("Running")).plain).toContain(
      "answered with a web page, not Flink's API; still trying",
    );
    expect(await effects()).toBe(before);
    await world.flink.control.clearFaults();
    expect(headOf(await asked.outcome())).toContain("✅");
    expect(await effects()).toBe(before + 1);
  });

  it("a snapshot that fails reads as Flink says it, escaped, without its stack", async () => {
    await world.flink.control.addJob({ name: "failing", failSnapshot: "Disk & <!here> is full." });
    const over = await (await world.people.change(ANA, "savepoint failing")).outcome();
    expect(headOf(over)).toContain("Failed");
    expect(over.plain).toContain("Disk & <!here> is full.");
    expect(over.plain).toContain("The job is RUNNING");
    expect(JSON.stringify(over.blocks)).not.toContain("<!here>");
  });

  it("a stop whose job fails while stopping says that the savepoint is usable", async () => {
    const { jobId } = await world.flink.control.addJob({ name: "stumbling", failStopping: "commit failed" });
    const asked = await world.people.change(ANA, "stop stumbling");
    await world.people.approve(BEN, await asked.headed("Waiting for approval"));
    const over = await asked.outcome();
    expect(headOf(over)).toContain("Partly done");
    expect(over.plain).toMatch(/its savepoint is usable.*Savepoint: file:\/savepoints\//su);
    expect((await world.flink.control.job(jobId)).state).toBe("FAILED");
  });

  it("reasons and names are escaped on cards and in fallback texts", async () => {
    await world.flink.control.addJob({ name: "a & <!channel> *b*" });
    const why = "because <!everyone> & `co` <https://evil.example|here>";
    const typed = await world.people.type(
      ANA,
      `savepoint "a & <!channel> *b*" --reason "${why}"`,
      world.people.room(),
    );
    const asked = world.people.watch(ANA, "because <!everyone> & ", typed);
    const over = await asked.outcome();
    expect(over.plain).toContain("<!everyone> & ");
    const sent = `${over.text}${JSON.stringify(over.blocks)}`;
    expect(sent).not.toMatch(/<!channel|<!everyone|<https:\/\/evil/u);
    expect(over.fallback).toContain("Reason: because <!everyone> &");
  });

  it("neither people nor the log ever saw a stack, a token or a base64 blob", async () => {
    await judge(world);
    const log = world.lines.join("\n");
    expect(log).not.toMatch(/xox[bp]-|xapp-|rO0ABX|response_url":"http|at org\.apache\.flink/u);
    expect(log).not.toContain("/response/");
  });
});
