import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { ANA, BEN, DORA, FLINK_OPS } from "../../playground/slack/workspace-seed.ts";
import { everyMessage } from "../harness/cards.ts";
import { FORBIDDEN, judge } from "../harness/judge.ts";
import { suiteWith } from "../harness/needs.ts";
import { startWorld, type World } from "../harness/world.ts";

const suite = await suiteWith(["redis"]);
const PASSWORD = "pa55-of-the-cluster";
const HEADER = "value-of-the-secret-header";
const STACK = `${"\n\tat org.apache.flink.runtime.rest.handler.AbstractHandler.respond(AbstractHandler.java:196)".repeat(40)}
Caused by: java.io.IOException: connect to https://svc:hunter2-of-a-store@store.example/bucket?token=tok-12345678 failed`;

suite("no secret, token or stack reaches a message, a log or the audit log", () => {
  let world: World;
  beforeAll(async () => {
    const auth = { kind: "basic", user: "flinkops", password: { env: "DEMO_PASSWORD" } };
    const headers = { "X-Extra-Secret": { env: "DEMO_HEADER" } };
    world = await startWorld({
      demo: { config: { auth, headers } },
      slack: { optionalScopes: "granted" },
      env: { LOG_LEVEL: "debug", DEMO_PASSWORD: PASSWORD, DEMO_HEADER: HEADER },
    });
    await world.flink.control.addJob({ name: "orders" });
  });
  afterEach(async () => {
    await world.flink.control.clearFaults();
    await world.driver.clearFaults();
  });
  afterAll(async () => await world.stop());

  const secrets = (): string[] => [
    PASSWORD,
    Buffer.from(`flinkops:${PASSWORD}`).toString("base64"),
    HEADER,
    world.slack.botToken,
    world.slack.appToken,
    "hunter2-of-a-store",
    "tok-12345678",
    "/response/",
  ];
  const told = async (): Promise<string> => {
    const seen = await Promise.all([ANA, BEN, DORA].map(async (user) => await world.driver.see(user)));
    const messages = seen.flatMap(everyMessage);
    const files = await Promise.all(
      messages.flatMap((m) => m.files).map(async (file) => await world.driver.fileText(file)),
    );
    return [...messages.map((m) => `${m.plain}\n${m.text}\n${JSON.stringify(m.blocks)}`), ...files].join(
      "\n",
    );
  };
  const recorded = async (): Promise<string> => JSON.stringify(await world.stored.audit());
  const leaks = (text: string): string[] => secrets().filter((secret) => text.includes(secret));

  it("when Flink answers with stacks and credentials in them", async () => {
    const words = `org.apache.flink.util.FlinkException: Could not write to https://svc:hunter2-of-a-store@store.example/b?token=tok-12345678${STACK}`;
    await world.flink.control.fault({ path: "/savepoints$", method: "POST", status: 400, words });
    const over = await (await world.people.change(ANA, "savepoint orders")).outcome();
    expect(over.plain).toContain("Could not write to");
    await world.flink.control.fault({ path: "/jobs/overview", status: 500, words });
    expect((await world.people.ask(ANA, "status orders")).plain).toContain("Could not write to");
    await world.flink.control.clearFaults();
    await world.flink.control.addJob({ name: "failing", failSnapshot: `Broken.${STACK}` });
    await (await world.people.change(ANA, "savepoint failing")).outcome();
    expect(leaks(await told())).toEqual([]);
    expect(await told()).not.toMatch(FORBIDDEN);
  });

  it("when a stack with credentials in it is shown as a file", async () => {
    const { jobId } = await world.flink.control.addJob({ name: "broken" });
    await world.flink.control.failJob(jobId, { message: `Broken.${STACK}` });
    await world.people.type(ANA, "exceptions broken --stack");
    const shown = await world.driver.waitFor(BEN, (seen) =>
      everyMessage(seen).find((m) => m.files.length > 0),
    );
    expect(await world.driver.fileText(shown.files[0] ?? { url: "/none" })).toContain(
      "connect to https://store",
    );
    expect(leaks(await told())).toEqual([]);
    expect(shown.plain).not.toMatch(FORBIDDEN);
  });

  it("when Flink refuses our credentials, or Slack our token for a moment", async () => {
    await world.flink.control.fault({ path: "/", status: 401 });
    expect((await world.people.ask(ANA, "status orders")).plain).toContain("HTTP 401");
    await world.flink.control.clearFaults();
    await world.driver.fault({ method: "chat.postMessage", status: 500, times: 2 });
    await (await world.people.change(ANA, "savepoint orders")).outcome();
    expect(leaks(await told())).toEqual([]);
  });

  it("when a click, an answer and a button go wrong", async () => {
    const asked = await world.people.change(ANA, "stop orders");
    const card = await asked.headed("Waiting for approval");
    await world.people.clickAndHear(DORA, card, "Approve stop");
    await world.people.clickAndHear(BEN, card, "Approve stop", { value: '{"v":1}' });
    await world.driver.click(BEN, card, "Deny");
    await asked.outcome();
    expect(leaks(await told())).toEqual([]);
  });

  it("when Redis goes away under it", async () => {
    await world.redis.kill();
    await world.people.type(ANA, "savepoint orders", FLINK_OPS);
    await world.redis.restart();
    await world.stored.atRest();
    expect(leaks(await told())).toEqual([]);
  });

  it("was kept, in the log at its most talkative and in the audit log too", async () => {
    expect(world.lines.length).toBeGreaterThan(20);
    expect(leaks(world.lines.join("\n"))).toEqual([]);
    expect(leaks(await recorded())).toEqual([]);
    expect(await recorded()).not.toMatch(FORBIDDEN);
    await judge(world);
  });
});
