import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../../playground/processes.ts";
import { ANA, BEN, CEM, FLINK_OPS } from "../../playground/slack/workspace-seed.ts";
import { createSigner, newSigningKey } from "../../src/platform/signing.ts";
import { approversOf } from "../../src/requests/record/record.ts";
import { digestOf } from "../../src/requests/record/binding.ts";
import { headOf } from "../harness/cards.ts";
import { judge } from "../harness/judge.ts";
import { suiteWith } from "../harness/needs.ts";
import { startWorld, type World } from "../harness/world.ts";
import { rebuilt } from "./rebuilt.ts";

const suite = await suiteWith(["redis", "jq"]);
const KEY = newSigningKey();

/** A collector that keeps what it gets, or answers 503 while it is down. */
async function startCollector(): Promise<{
  url: string;
  got: string[];
  down(is: "down" | "up"): void;
  server: Server;
}> {
  const got: string[] = [];
  let status = 200;
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (bytes: Buffer) => {
      body += bytes.toString();
    });
    request.on("end", () => {
      if (status === 200 && request.headers.authorization === "Bearer let-me-in")
        got.push(...body.split("\n").filter(Boolean));
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/in`,
    got,
    server,
    down: (is) => void (status = is === "down" ? 503 : 200),
  };
}

const jq = (flags: string, program: string, input: string): string => {
  const { stdout, stderr } = spawnSync("jq", [flags, program], {
    input,
    encoding: "utf8",
    maxBuffer: 1e8,
  });
  expect(stderr).toBe("");
  return stdout.trimEnd();
};

suite("the audit log", () => {
  let world: World;
  let directory: string;
  let collector: Awaited<ReturnType<typeof startCollector>>;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "flinkops-audit-"));
    collector = await startCollector();
    world = await startWorld({
      replicas: 2,
      env: { AUDIT_KEY: KEY, COLLECTOR: "Bearer let-me-in" },
      timings: { startAfterApproval: "8s", approvalExpires: "20s", lease: "900ms" },
      config: {
        audit: {
          signingKey: { env: "AUDIT_KEY" },
          channel: FLINK_OPS,
          sinks: {
            disk: { kind: "file", path: join(directory, "audit.ndjson") },
            siem: {
              kind: "http",
              url: collector.url,
              headers: { Authorization: { env: "COLLECTOR" } },
              required: true,
            },
          },
        },
      },
    });
  });
  afterAll(async () => {
    await world.stop();
    collector.server.close();
    await rm(directory, { recursive: true });
  });

  /** The built program, with the configuration of a running one. */
  const flinkops = async (...words: string[]): Promise<{ code: number; out: string }> => {
    const config = world.products[0]?.configFile ?? "";
    const env = {
      PATH: process.env["PATH"],
      SLACK_BOT_TOKEN: world.slack.botToken,
      REDIS_URL: world.redis.url,
      AUDIT_KEY: KEY,
    };
    const args = ["dist/main.js", "audit", ...words, ...(words[0] === "verify" ? [] : ["--config", config])];
    return await new Promise((resolve) =>
      execFile(process.execPath, args, { env, maxBuffer: 1e8 }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : 1, out: stdout + stderr }),
      ),
    );
  };
  const effectsOf = async (jobId: string) =>
    (await world.flink.control.effects()).filter((e) => e.jobId === jobId).map((e) => e.do);

  it("keeps a destructive effect while a required sink is down, and says so on the card", async () => {
    const { jobId } = await world.flink.control.addJob({ name: "held" });
    const asked = await world.people.change(ANA, "stop held");
    const card = await asked.headed("Waiting for approval");
    collector.down("down");
    await world.people.approve(BEN, card);
    const waiting = await world.driver.waitFor(
      ANA,
      (seen) =>
        seen.channels
          .flatMap((c) => c.messages)
          .find((m) => m.ts === card.ts && m.plain.includes("Not sent yet")) ?? null,
      { timeoutMs: 15_000, what: "why it waits" },
    );
    expect(waiting.plain).toContain(`siem: ${new URL(collector.url).origin} answered 503`);
    expect(await effectsOf(jobId)).toEqual([]);
    collector.down("up");
    expect(headOf(await asked.outcome())).toContain("✅");
    expect(await effectsOf(jobId)).toEqual(["stop"]);
  });

  it("and ends it unsent where that takes too long; what destroys nothing does not wait", async () => {
    const { jobId } = await world.flink.control.addJob({ name: "late" });
    const asked = await world.people.change(ANA, "stop late");
    const card = await asked.headed("Waiting for approval");
    collector.down("down");
    const savepoint = await world.people.change(ANA, "savepoint late");
    expect(headOf(await savepoint.outcome())).toContain("✅");
    await world.people.approve(BEN, card);
    const over = await asked.outcome(40_000);
    expect(over.plain).toContain("it could not be sent in time: siem: ");
    collector.down("up");
    expect(await effectsOf(jobId)).toEqual(["savepoint"]);
  });

  it("has every finished request: who, what, why, who approved what they saw, what was sent, what came of it", async () => {
    for (const name of ["orders", "payments", "billing", "many-1", "many-2"])
      await world.flink.control.addJob({ name });
    const { people } = world;
    const stop = await people.change(ANA, "stop orders", { reason: "new release" });
    const own = await stop.headed("Waiting for approval");
    expect(await people.clickAndHear(ANA, own, "Approve stop")).toContain("someone else");
    await people.approve(BEN, own);
    await stop.outcome();
    const cancel = await people.change(BEN, "cancel payments");
    await people.deny(CEM, await cancel.headed("Waiting for approval"), "not today");
    await cancel.outcome();
    const scale = await people.change(ANA, "scale billing 3");
    await scale.outcome();
    const all = await people.change(ANA, "savepoint --all --match many-*");
    await all.outcome();
    const withdrawn = await people.change(ANA, "stop billing");
    await world.driver.click(ANA, await withdrawn.headed("Waiting for approval"), "Withdraw");
    await withdrawn.outcome();
    await judge(world);

    const ids = await world.stored.all();
    await until("all of it is chained", async () => {
      const { out } = await flinkops("export");
      return ids.every((id) => out.includes(id)) && (await world.stored.audit()).every((e) => "n" in e)
        ? true
        : null;
    });
    const exported = (await flinkops("export")).out;
    const stories = rebuilt(exported);
    const effects = await world.flink.control.effects();
    expect(ids.length).toBeGreaterThanOrEqual(9);
    for (const id of ids) {
      const record = await world.stored.record(id);
      const story = stories.get(id);
      if (record === null || story === undefined) throw new Error(`no story of ${id}`);
      expect(story).toMatchObject({
        who: record.actor.user,
        what: { operation: record.operation, args: record.args, cluster: record.target.cluster },
        why: record.reason,
        ending: record.end?.ending === "ran" ? "ended" : record.end?.ending,
        outcome: record.end?.report.outcome,
      });
      expect(story.approved.map(({ by }) => by)).toEqual(
        record.approval === null ? [] : approversOf(record.approval),
      );
      // what they approved is what the record says, and it is all in the log
      for (const { saw } of story.approved) expect(saw).toBe(digestOf(record));
      if (record.parent === null) expect(story.name).toBe(record.actor.user === ANA ? "ana" : "ben");
      if (record.approval !== null) expect(story.seen?.headline).toBeTruthy();
      for (const { effectId, effect, answer } of story.sent) {
        expect(answer?.is).toBe("accepted");
        if (effect.do === "spawn") continue;
        const arrived = effects.filter(
          (e) => e.triggerId === effectId || (e.jobId === effect.jobId && e.do === effect.do),
        );
        expect(arrived, `${effect.do} of ${id}`).not.toEqual([]);
      }
    }
    // and nothing reached Flink that is not in it
    const sent = [...stories.values()].flatMap((story) =>
      story.sent.filter(({ effect }) => effect.do !== "spawn"),
    );
    expect(sent).toHaveLength(effects.length);
    const rescaled = sent.find(({ effect }) => effect.do === "rescale")?.effect;
    expect(rescaled).toMatchObject({ before: expect.anything(), target: expect.anything() });
    expect(stories.get(await stop.id())?.approved).toMatchObject([{ by: BEN, name: "ben" }]);
    expect(exported).not.toMatch(/let-me-in|xox[bp]-/u);
  });

  it("is whole in Redis, in the export, in the file and at the collector, and the daily head proves it", async () => {
    const posted = (await world.driver.messages(FLINK_OPS, ANA)).filter((m) => m.plain.includes("Audit log"));
    expect(posted).toHaveLength(1);
    const head = /Head: `?([\w.:-]+)/u.exec(posted[0]?.plain ?? "")?.[1] ?? "";
    const key = (await flinkops("key")).out.trim();
    expect(key).toBe(createSigner(KEY).publicKey);
    const exported = join(directory, "export.ndjson");
    await writeFile(exported, (await flinkops("export")).out);
    const collected = join(directory, "collected.ndjson");
    const last = (await readFile(exported, "utf8")).trimEnd().split("\n").at(-1) ?? "";
    await until("the collector has the last", () =>
      Promise.resolve(collector.got.includes(last) ? true : null),
    );
    await writeFile(collected, `${collector.got.join("\n")}\n`);
    for (const file of [exported, collected, join(directory, "audit.ndjson")]) {
      const { code, out } = await flinkops("verify", "--head", head, "--key", key, file);
      expect(`${code} ${out}`).toContain("OK: every entry is as flinkops chained it");
      expect(code).toBe(0);
    }
    const text = await readFile(exported, "utf8");
    await writeFile(exported, text.replace("new release", "old release"));
    const changed = await flinkops("verify", "--key", key, exported);
    expect(changed.code).toBe(1);
    expect(changed.out).toMatch(/CHANGED: entry \d+ \(20\d\d-[^)]*\) was changed/u);
    await writeFile(exported, text);
  });

  it("is told in Slack", async () => {
    const told = await world.people.ask(CEM, "history orders");
    expect(told.plain).toContain("orders");
    expect(told.plain).toContain("done");
  });

  it("answers a SOC 2 sample with the two commands of docs/audit.md", async () => {
    const doc = await readFile("docs/audit.md", "utf8");
    const [list = "", offences = ""] = [...doc.matchAll(/^jq (-\w+) '\n([^']+)' may\.ndjson$/gmu)].map(
      ([, , program]) => program,
    );
    const lines = (await flinkops("export")).out.replaceAll('"cluster":"demo"', '"cluster":"prod"');
    const rows = jq("-rs", list, lines)
      .split("\n")
      .map((row) => row.split("\t"));
    const row = rows.find(([, , headline, , by]) => headline?.includes("orders") === true && by === BEN);
    expect(row).toEqual([
      expect.stringMatching(/^20\d\d-.*Z$/u),
      expect.stringMatching(/^r\w{7}$/u),
      expect.any(String),
      ANA,
      BEN,
      "done",
    ]);
    // the denied and the withdrawn ones were never sent
    expect(rows.some(([, , headline]) => headline?.includes("payments") === true)).toBe(false);
    expect(jq("-c", offences, lines)).toBe("");
    // each of these must be found
    const calling =
      lines
        .split("\n")
        .find((line) => line.includes('"event":"calling"') && line.includes(`"user":"${BEN}"`)) ?? "";
    expect(calling).not.toBe("");
    const bad = [
      calling.replace(`"user":"${BEN}"`, `"user":"${ANA}"`),
      calling.replace(/"votes":\[[^\]]*\]/u, '"votes":[]'),
      calling.replace('"kind":"approve"', '"kind":"deny"'),
      calling
        .replace(/("kind":"approve"[^}]*)/u, (vote) => vote)
        .replace(/"votes":\[\{([^}]*)"digest":"\w+"/u, '"votes":[{$1"digest":"other"')
        .replace(/"votes":\[\{"at":(\d+),"digest":"\w+"/u, '"votes":[{"at":$1,"digest":"other"'),
    ];
    for (const one of bad) {
      expect(one).not.toBe(calling);
      expect(jq("-c", offences, `${lines}\n${one}`)).toContain('"requestId"');
    }
  });
});
