import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, it } from "vitest";
import { stringify } from "yaml";
import { freePort, until } from "../../playground/processes.ts";
import {
  ANA,
  APPROVERS,
  BEN,
  CEM,
  DORA,
  FLINK_OPS,
  OPERATORS,
} from "../../playground/slack/workspace-seed.ts";
import { newKey } from "../../src/platform/seal.ts";
import { newSigningKey } from "../../src/platform/signing.ts";
import { everyMessage, headOf } from "../harness/cards.ts";
import { judge } from "../harness/judge.ts";
import { leaksIn } from "../harness/leaks.ts";
import { suiteWith } from "../harness/needs.ts";
import { startWorld, type World } from "../harness/world.ts";

const suite = await suiteWith(["redis"]);

/** Of the configuration: flinkops needs each of them, and nobody else may see it. */
const OWN = {
  SLACK_SIGNING_SECRET: "canary one of the signing",
  BASIC: "canary-two-of-basic",
  BEARER: "canary-three-of-bearer",
  HEADER: "canary-four-of-a-header",
  SEAL_KEY: newKey(),
  SEAL_KEY_BEFORE: newKey(),
  AUDIT_KEY: newSigningKey(),
  COLLECTOR: "Splunk canary-five-of-the-collector",
  ARGUMENT: "canary words of a catalog argument",
};
const REDIS_PASSWORD = "canary-six-of-redis";
const COLLECTOR_PATH = "canary-seven-of-the-address";
/** Of others: somebody wrote them where they do not belong. */
const REFUSAL = "canary-eight-of-a-rule";
const BROKEN = "canary-nine-of-a-broken-policy";
const TYPED = "canary-ten-that-was-typed";
const FLINKS = ["canary-eleven-of-flink", "canary-twelve-of-flink"] as const;
const WORDS = `FlinkException: cannot reach https://svc:${FLINKS[0]}@store.example/b, password=${FLINKS[1]}`;

const POLICY = {
  people: { operators: { groups: [OPERATORS] }, approvers: { groups: [APPROVERS] } },
  rules: [
    {
      name: "never",
      jobs: ["locked"],
      classes: ["destructive"],
      refuse: `Ask the owners of the store. Its password=${REFUSAL} was changed.`,
    },
    { name: "one", classes: ["destructive"], ask: ["operators"], approve: [{ from: ["approvers"] }] },
    { name: "rest", classes: ["operate"], ask: ["operators"], allow: true },
  ],
};

/** Answers what it is told to and keeps what it gets. */
async function startKeeper(status: number, answer: (headers: IncomingHttpHeaders) => string) {
  const got: { headers: IncomingHttpHeaders; url: string; body: string }[] = [];
  const server: Server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (bytes: Buffer) => void parts.push(bytes));
    request.on("end", () => {
      const { headers, url = "" } = request;
      got.push({ headers, url, body: Buffer.concat(parts).toString() });
      response.writeHead(status, { "content-type": "application/json" }).end(answer(headers));
    });
  });
  const port = await freePort();
  await new Promise<void>((resolve) => void server.listen(port, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${port}`, got, close: () => void server.close() };
}
type Keeper = Awaited<ReturnType<typeof startKeeper>>;

suite("no secret of the configuration reaches Slack, a log, Redis or the audit log, nor one that others let slip", () => {
  let world: World;
  let directory: string;
  let policy: string;
  let collector: Keeper;
  /** A proxy before a cluster that shows everybody what it was sent. */
  let talkative: Keeper;
  const env: NodeJS.ProcessEnv = { ...OWN, LOG_LEVEL: "debug" };

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "flinkops-canaries-"));
    policy = join(directory, "policy.yml");
    await writeFile(policy, stringify(POLICY));
    collector = await startKeeper(200, () => "");
    talkative = await startKeeper(500, (headers) => {
      const { authorization, "proxy-authorization": proxy, "x-extra-secret": extra } = headers;
      const mine = { authorization, "proxy-authorization": proxy, "x-extra-secret": extra };
      return JSON.stringify({ errors: [JSON.stringify(mine)] });
    });
    env["COLLECTOR_URL"] = `${collector.url}/${COLLECTOR_PATH}`;
    const port = await freePort();
    world = await startWorld({
      replicas: 0,
      slack: {
        deliver: { http: `http://127.0.0.1:${port}/slack/events`, signingSecret: OWN.SLACK_SIGNING_SECRET },
      },
      demo: {
        config: {
          auth: { kind: "basic", user: "flinkops", password: { env: "BASIC" } },
          headers: { "X-Extra": { env: "HEADER" } },
        },
      },
      clusters: {
        talkative: {
          url: talkative.url,
          changes: true,
          auth: { kind: "bearer", token: { env: "BEARER" } },
          headers: { "Proxy-Authorization": { env: "COLLECTOR" } },
        },
      },
      config: {
        policy,
        people: undefined,
        slack: { mode: "http", port, signingSecret: { env: "SLACK_SIGNING_SECRET" } },
        seal: { keys: [{ env: "SEAL_KEY" }, { env: "SEAL_KEY_BEFORE" }], channel: FLINK_OPS },
        audit: {
          signingKey: { env: "AUDIT_KEY" },
          channel: FLINK_OPS,
          sinks: {
            out: { kind: "stdout" },
            disk: { kind: "file", path: join(directory, "audit.ndjson"), required: true },
            siem: {
              kind: "http",
              url: { env: "COLLECTOR_URL" },
              headers: { Authorization: { env: "COLLECTOR" } },
              required: true,
            },
          },
        },
        jobs: [
          {
            name: "catalogued",
            cluster: "demo",
            jar: { newest: "some-*.jar" },
            args: ["--name", "catalogued", "--greeting", { env: "ARGUMENT" }],
          },
        ],
      },
      env,
    });
    await letIn();
    env["REDIS_URL"] = `redis://flinkops:${REDIS_PASSWORD}@127.0.0.1:${world.redis.port}`;
    await world.start({ roles: ["bot"] });
    await world.start({ roles: ["worker"] });
    await world.flink.control.addJob({ name: "orders" });
  });
  afterAll(async () => {
    await world.stop();
    collector.close();
    talkative.close();
    await rm(directory, { recursive: true });
  });

  /** Redis knows the user with the password; forgets it when it is restarted. */
  const letIn = async (): Promise<void> => {
    const redis = new Redis(world.redis.url);
    await redis.call("ACL", "SETUSER", "flinkops", "on", `>${REDIS_PASSWORD}`, "~*", "&*", "+@all");
    redis.disconnect();
  };
  const users = async (): Promise<string> => {
    const redis = new Redis(world.redis.url);
    const list = String(await redis.call("CLIENT", "LIST"));
    redis.disconnect();
    return list;
  };
  const leaks = (text: string): readonly string[] =>
    leaksIn(text, [
      ...Object.values(OWN),
      OWN.COLLECTOR.slice("Splunk ".length),
      `flinkops:${OWN.BASIC}`,
      REDIS_PASSWORD,
      COLLECTOR_PATH,
      world.slack.botToken,
      REFUSAL,
      BROKEN,
      TYPED,
      ...FLINKS,
    ]);
  /** All that Slack was sent: calls, answers to its requests, and what people see, with every earlier version. */
  const slack = async (): Promise<string> => {
    const seen = await Promise.all([ANA, BEN, CEM, DORA].map(async (user) => await world.driver.see(user)));
    const files = seen.flatMap(everyMessage).flatMap((m) => m.files);
    const texts = await Promise.all(files.map(async (file) => await world.driver.fileText(file)));
    const answers = (await world.driver.deliveries()).map(({ answer }) => answer);
    return JSON.stringify([await world.driver.calls(), answers, seen, texts]);
  };
  const logged = async (words: string, times: number): Promise<void> =>
    void (await until(`"${words}" ${times} times`, () =>
      Promise.resolve(world.lines.filter((line) => line.includes(words)).length >= times ? true : null),
    ));
  /** The built program, with the configuration of a running one. */
  const flinkops = async (...words: string[]): Promise<string> => {
    const args = ["dist/main.js", ...words, "--config", world.products[0]?.configFile ?? ""];
    const tokens = { SLACK_BOT_TOKEN: world.slack.botToken, SLACK_APP_TOKEN: world.slack.appToken };
    const given = { env: { PATH: process.env["PATH"], ...tokens, ...env }, maxBuffer: 1e8 };
    return await new Promise((resolve) =>
      execFile(process.execPath, args, given, (_, stdout, stderr) => resolve(stdout + stderr)),
    );
  };

  it("while all of them are used", async () => {
    expect(await users()).toContain("user=flinkops");
    await world.flink.control.addJar({ name: "some-1.0.jar" });
    const started = await world.people.change(ANA, "run catalogued --from none --cluster demo");
    await world.people.approve(BEN, await started.headed("Waiting for approval"));
    expect((await started.outcome()).plain).toContain("catalogued runs");
    const stop = await world.people.change(ANA, "stop orders --cluster demo");
    await world.people.approve(BEN, await stop.headed("Waiting for approval"));
    expect(headOf(await stop.outcome())).toContain("✅");
    await until("the collector has entries", () => Promise.resolve(collector.got.length > 0 ? true : null));
    expect(collector.got[0]).toMatchObject({
      url: `/${COLLECTOR_PATH}`,
      headers: { authorization: OWN.COLLECTOR },
    });
    expect(leaks(await slack())).toEqual([]);
  });

  it("when a cluster's proxy answers with the headers it was sent", async () => {
    const told = await world.people.ask(ANA, "list --cluster talkative");
    expect(told.plain).toContain('{"authorization":"Bearer ∗∗∗","proxy-authorization":"Splunk ∗∗∗"}');
    expect(talkative.got[0]?.headers).toMatchObject({
      authorization: `Bearer ${OWN.BEARER}`,
      "proxy-authorization": OWN.COLLECTOR,
    });
    expect(leaks(await slack())).toEqual([]);
  });

  it("when Flink answers with the credentials of a store", async () => {
    await world.flink.control.addJob({ name: "stored" });
    await world.flink.control.fault({ path: "/savepoints$", method: "POST", status: 400, words: WORDS });
    const over = await (await world.people.change(ANA, "savepoint stored --cluster demo")).outcome();
    expect(over.plain).toContain("cannot reach");
    await world.flink.control.clearFaults();
    const { jobId } = await world.flink.control.addJob({ name: "failing" });
    await world.flink.control.failJob(jobId, { message: WORDS });
    expect((await world.people.ask(ANA, "exceptions failing --cluster demo")).plain).toContain(
      "cannot reach",
    );
    expect(leaks(await slack())).toEqual([]);
  });

  it("when the policy has one in its words, or one where it cannot be read", async () => {
    await world.flink.control.addJob({ name: "locked" });
    const refused = await world.people.ask(ANA, "stop locked --cluster demo");
    expect(refused.plain).toContain("Ask the owners of the store. Its password=∗∗∗ was changed.");
    await writeFile(policy, `${stringify(POLICY)}\nstore: { password: ${BROKEN}\n`);
    await logged("policy not reloaded", 2);
    const answers = world.products.map(
      async ({ healthUrl }) => await (await fetch(`${healthUrl}/readyz`)).text(),
    );
    expect(leaks((await Promise.all(answers)).join("\n"))).toEqual([]);
    expect(leaks(await flinkops("policy", "test"))).toEqual([]);
    expect(leaks(await flinkops("check"))).toEqual([]);
    await writeFile(policy, stringify(POLICY));
    await logged("policy is unchanged", 2);
    expect(leaks(await slack())).toEqual([]);
  });

  it("when somebody types one: as a reason, an argument, why it is denied, or what is suggested", async () => {
    for (const words of [
      `savepoint stored --cluster demo --reason "the password=${TYPED}"`,
      `run catalogued --cluster demo --arg=--db-password=${TYPED}`,
    ])
      expect((await world.people.ask(ANA, words)).plain).toContain("looks like a secret");
    const asked = await world.people.change(ANA, "stop stored --cluster demo");
    const card = await asked.headed("Waiting for approval");
    await expect(world.people.deny(BEN, card, `its password=${TYPED}`)).rejects.toThrow(
      "looks like a secret",
    );
    await world.driver.click(CEM, card, "Suggest a change");
    await world.driver.waitForModal(CEM);
    const directory = `s3://key:${TYPED}@bucket/sp`;
    expect(await world.driver.submitModal(CEM, { directory })).toMatchObject({ closed: false });
    await world.people.deny(BEN, card, "not today");
    await asked.outcome();
  });

  it("when Redis is restarted and no longer knows the user", async () => {
    await world.redis.kill();
    await world.redis.restart();
    await world.people.type(ANA, "savepoint stored --cluster demo", FLINK_OPS);
    await letIn();
    await until("bot and worker are back", async () =>
      (await users()).includes("user=flinkops") ? true : null,
    );
    await world.stored.atRest();
    expect(leaks(await slack())).toEqual([]);
  });

  it("was kept by both logs, Redis and its file, the sinks and the export", async () => {
    const last = (await world.stored.audit()).length;
    await until("the collector has all", () =>
      Promise.resolve(
        collector.got.flatMap((one) => one.body.trim().split("\n")).length >= last ? true : null,
      ),
    );
    const sinks = [
      await readFile(join(directory, "audit.ndjson"), "utf8"),
      collector.got.map((one) => one.body).join(""),
      await flinkops("audit", "export"),
      await flinkops("audit", "export", "--format", "csv"),
      await flinkops("audit", "verify"),
      await flinkops("check"),
    ];
    for (const sink of sinks.slice(0, 4)) expect(sink.split("\n").length).toBeGreaterThan(10);
    for (const sink of sinks) expect(leaks(sink)).toEqual([]);
    // the sink of stdout is among the lines
    const lines = world.lines.join("\n");
    expect(lines).toContain('"event":"called"');
    expect(leaks(lines)).toEqual([]);
    expect(leaks(await world.stored.everything())).toEqual([]);
    // in a folder of its own since Redis 7
    const files = await readdir(world.redis.directory, { recursive: true });
    const written = await Promise.all(
      files
        .filter((file) => file.endsWith(".aof"))
        .map(async (file) => await readFile(join(world.redis.directory, file), "utf8")),
    );
    expect(written.join("").length).toBeGreaterThan(100_000);
    expect(leaks(written.join("\n"))).toEqual([]);
    await judge(world);
  });
});
