import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { ANA, BEN, DORA, FLINK_OPS } from "../../playground/slack/workspace-seed.ts";
import { everyMessage } from "../harness/cards.ts";
import { FORBIDDEN, judge } from "../harness/judge.ts";
import { leaksIn } from "../harness/leaks.ts";
import { suiteWith } from "../harness/needs.ts";
import { startWorld, type World } from "../harness/world.ts";
import { secretSamples } from "../samples/samples.ts";

const suite = await suiteWith(["redis"]);
const PASSWORD = "pa55-of-the-cluster";
const HEADER = "value-of-the-secret-header";
const STACK = `${"\n\tat org.apache.flink.runtime.rest.handler.AbstractHandler.respond(AbstractHandler.java:196)".repeat(40)}
Caused by: java.io.IOException: connect to https://svc:hunter2-of-a-store@store.example/bucket?token=tok-12345678 failed`;

/** In the catalog: in the file as it is, and from the environment, where it need not look like a secret. */
const IN_FILE = "hunter2-of-the-file";
const IN_ENV = "plain words of the environment";
const TYPED = "hunter2-that-was-typed";
const ARGS = ["--topic", "orders", "--db-password", IN_FILE, "--greeting", { env: "DEMO_GREETING" }];
/** Every kind that there is; a short word may occur elsewhere, too. */
const SAMPLES = secretSamples.flatMap((s) => s.secrets).filter((secret) => secret.trim().length > 6);

suite("no secret, token or stack reaches a message, a log or Redis", () => {
  let world: World;
  beforeAll(async () => {
    const auth = { kind: "basic", user: "flinkops", password: { env: "DEMO_PASSWORD" } };
    const headers = { "X-Extra-Secret": { env: "DEMO_HEADER" } };
    world = await startWorld({
      demo: { config: { auth, headers } },
      slack: { optionalScopes: "granted" },
      config: {
        jobs: [
          {
            name: "catalogued",
            cluster: "demo",
            jar: { newest: "some-*.jar" },
            args: [...ARGS, "--name", { env: "DEMO_NAME" }],
          },
        ],
      },
      env: {
        LOG_LEVEL: "debug",
        DEMO_PASSWORD: PASSWORD,
        DEMO_HEADER: HEADER,
        DEMO_GREETING: IN_ENV,
        DEMO_NAME: "catalogued",
      },
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
    IN_FILE,
    IN_ENV,
    TYPED,
    ...SAMPLES,
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
  /** But for the address that Slack gave for an answer, which is kept for as long as it can be used. */
  const stored = async (): Promise<string> => await world.stored.everything(["{flinkops}:response-url:"]);
  const leaks = (text: string): readonly string[] => leaksIn(text, secrets());

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
      "connect to https://***@store.example/bucket?token=*** failed",
    );
    expect(leaks(await told())).toEqual([]);
    expect(shown.plain).not.toMatch(FORBIDDEN);
  });

  it("when the catalog holds secrets: they reach Flink, and nobody else", async () => {
    await world.flink.control.addJar({ name: "some-1.0.jar" });
    const started = await world.people.change(ANA, "run catalogued --from none");
    await world.people.approve(BEN, await started.headed("Waiting for approval"));
    expect((await started.outcome()).plain).toContain("catalogued runs");
    // by this name alone does Flink know that it was given the arguments
    expect((await world.flink.control.jobs()).map((j) => j.name)).toContain("catalogued");
    const again = await world.people.change(ANA, "restart catalogued");
    await world.people.approve(BEN, await again.headed("Waiting for approval"));
    expect((await again.outcome()).plain).toContain("runs again");
    const calls = (await world.stored.audit()).filter((e) =>
      JSON.stringify(e.detail).includes("--db-password"),
    );
    expect(calls.length).toBeGreaterThan(1);
    for (const call of calls) expect(JSON.stringify(call.detail)).toContain('"--db-password","***"');
    expect(leaks(await told())).toEqual([]);
    expect(leaks(await stored())).toEqual([]);
  });

  it("when somebody types one", async () => {
    for (const words of [
      `run catalogued --arg=--db-password --arg ${TYPED}`,
      `run catalogued --arg=--db-password=${TYPED}`,
      `savepoint orders --reason "password=${TYPED}"`,
      `savepoint orders s3://key:${TYPED}@bucket/sp`,
      `dispose s3://key:${TYPED}@bucket/sp --cluster demo`,
    ])
      expect((await world.people.ask(ANA, words)).plain).toContain("looks like a secret");
    expect(leaks(await told())).toEqual([]);
    expect(leaks(await stored())).toEqual([]);
  });

  it("when a job fails with every kind of secret that there is", async () => {
    const { jobId } = await world.flink.control.addJob({ name: "talkative" });
    // Flink keeps sixteen failures
    const each = Math.ceil(secretSamples.length / 16);
    for (let at = 0; at < secretSamples.length; at += each) {
      const texts = secretSamples.slice(at, at + each).map(({ text }) => text);
      const stack = `java.io.IOException: ${texts.join("\n\n")}`;
      await world.flink.control.failJob(jobId, { message: texts[0] ?? "", stack });
    }
    await world.people.ask(ANA, "diagnose talkative");
    await world.people.type(ANA, "exceptions talkative --stack");
    const shown = await world.driver.waitFor(BEN, (seen) =>
      everyMessage(seen).find((m) => m.files.some((file) => file.title.includes("talkative"))),
    );
    const file = await world.driver.fileText(shown.files[0] ?? { url: "/none" });
    // the first of all and the last, each without what it holds
    expect(file).toContain("for *** done");
    expect(file).toContain(secretSamples.at(-1)?.clean);
    expect(leaks(file)).toEqual([]);
    expect(leaks(await told())).toEqual([]);
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
    const secret = secretSamples[0]?.text ?? "";
    await expect(world.people.deny(BEN, card, secret)).rejects.toThrow("looks like a secret");
    await world.people.deny(BEN, card);
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

  it("was kept, in every call of Slack's API, in the log at its most talkative and in all of Redis too", async () => {
    const calls = JSON.stringify(await world.driver.calls());
    expect(calls).toContain("chat.postMessage");
    expect(leaks(calls)).toEqual([]);
    expect(world.lines.length).toBeGreaterThan(20);
    expect(leaks(world.lines.join("\n"))).toEqual([]);
    expect(world.lines.join("\n")).not.toContain("/response/");
    const everything = await stored();
    expect(everything.length).toBeGreaterThan(10_000);
    expect(leaks(everything)).toEqual([]);
    expect(everything).not.toContain("/response/");
    expect(await recorded()).not.toMatch(FORBIDDEN);
    await judge(world);
  });
});
