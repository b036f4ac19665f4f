import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort } from "../../playground/processes.ts";
import { ANA, BEN } from "../../playground/slack/workspace-seed.ts";
import { aclLine } from "../../src/redis/acl.ts";
import { headOf } from "../harness/cards.ts";
import { addKnownJob } from "../harness/known-job.ts";
import { judge } from "../harness/judge.ts";
import { suiteWith } from "../harness/needs.ts";
import { startWorld, type World } from "../harness/world.ts";

const suite = await suiteWith(["redis"]);
const PREFIX = "{flinkops}";

/** What was refused: `ACL LOG` of Redis. */
type Refused = readonly (readonly unknown[])[];

suite("a Redis user of flinkops' own, with the rights that `check --print-acl` prints", () => {
  let world: World;
  let admin: Redis;
  let folder: string;
  let bullBoard: number;

  beforeAll(async () => {
    bullBoard = await freePort();
    world = await startWorld({ replicas: 0 });
    admin = new Redis(world.redis.url);
    const words = aclLine(PREFIX)
      .split(" ")
      .map((word) => word.replace(/^'(.*)'$/u, "$1"));
    await admin.call(...(words.map((word) => word.replace("CHANGE-ME", "secret")) as [string, ...string[]]));
    folder = await mkdtemp(join(tmpdir(), "flinkops-redis-user-"));
    const own = new URL(world.redis.url);
    own.username = "flinkops";
    own.password = "secret";
    await writeFile(join(folder, "url"), own.href);
    await world.start({
      config: {
        redis: { url: { file: join(folder, "url") } },
        http: { metrics: true, bullBoard },
      },
    });
  });
  afterAll(async () => {
    admin.disconnect();
    await world.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it("is refused nothing that flinkops does", async () => {
    await addKnownJob(world, "one");
    await addKnownJob(world, "two");
    for (const command of ["savepoint one", "scale one 2", "savepoint --all"])
      expect(headOf(await (await world.people.change(ANA, command)).outcome())).toContain("✅");
    const stop = await world.people.change(ANA, "stop two");
    await world.people.approve(BEN, await stop.headed("Waiting for approval"));
    expect(headOf(await stop.outcome())).toContain("✅");
    await world.people.type(ANA, 'lock one "looking" --for 1h');
    for (const question of [
      "locks",
      "list",
      "requests",
      "history",
      "status one",
      "savepoints one",
      "clusters",
    ])
      await world.people.ask(ANA, question);
    await world.people.type(ANA, "unlock one");
    expect(await (await fetch(`${world.products[0]?.healthUrl}/metrics`)).text()).toContain(
      "flinkops_queue_jobs{",
    );
    const board = `http://127.0.0.1:${bullBoard}/api/queues`;
    const jobs = await (await fetch(`${board}?activeQueue=changes-default&status=completed&page=1`)).text();
    const [, id = ""] = /"id":"(r[0-9a-f]{31})"/u.exec(jobs) ?? [];
    for (const page of [`changes-default/${id}`, `changes-default/${id}/logs`])
      expect((await fetch(`${board}/${page}`)).status).toBe(200);
    expect((await admin.call("ACL", "LOG")) as Refused).toEqual([]);
  });

  it("cannot read or change what is not flinkops', or the server", async () => {
    const { hostname: host, port } = new URL(world.redis.url);
    const it = new Redis({ host, port: Number(port), username: "flinkops", password: "secret" });
    try {
      for (const words of [
        ["GET", "other"],
        ["SET", "other", "1"],
        ["KEYS", "*"],
        ["FLUSHALL"],
        ["CONFIG", "GET", "*"],
        ["ACL", "LIST"],
      ] as [string, ...string[]][])
        await expect(it.call(...words)).rejects.toThrow(/NOPERM/u);
    } finally {
      it.disconnect();
    }
  });

  it("leaves nothing open", async () => await judge(world));
});
