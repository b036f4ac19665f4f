import { request } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort } from "../../playground/processes.ts";
import { ANA } from "../../playground/slack/workspace-seed.ts";
import { addKnownJob } from "../harness/known-job.ts";
import { suiteWith } from "../harness/needs.ts";
import { startWorld, type World } from "../harness/world.ts";

const suite = await suiteWith(["redis"]);

suite("Bull Board", () => {
  let world: World;
  let port: number;

  const ask = async (
    path: string,
    { method = "GET", host = `127.0.0.1:${port}` }: { method?: string; host?: string } = {},
  ): Promise<{ status: number; policy: unknown; body: string }> =>
    await new Promise((resolve, reject) => {
      const sent = request({ port, path, method, headers: { host } }, (answer) => {
        const policy = answer.headers["content-security-policy"];
        text(answer).then((body) => resolve({ status: answer.statusCode ?? 0, policy, body }), reject);
      });
      sent.on("error", reject);
      sent.end();
    });

  beforeAll(async () => {
    port = await freePort();
    world = await startWorld({ config: { http: { bullBoard: port } } });
  });
  afterAll(async () => await world.stop());

  it("is served by the program as it is packed, with its pages", async () => {
    const page = await ask("/");
    expect(page.status).toBe(200);
    expect(page.policy).toBe("default-src 'self' 'unsafe-inline' data:");
    const files = [...page.body.matchAll(/(?:src|href)="([^"]*static\/[^"]+)"/gu)].map(
      ([, path = ""]) => path,
    );
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) expect((await ask(`/${file.replace(/^\/+/u, "")}`)).status).toBe(200);
  });

  it("shows the queues and what is in them", async () => {
    await addKnownJob(world, "boarded");
    const asked = await world.people.change(ANA, "savepoint boarded");
    await asked.outcome();
    await world.stored.atRest();
    const shown = await ask("/api/queues?activeQueue=changes-default&status=completed&page=1&jobsPerPage=10");
    expect(shown.status).toBe(200);
    const { queues } = JSON.parse(shown.body) as {
      queues: readonly { name: string; readOnlyMode: boolean; jobs: readonly { id: string }[] }[];
    };
    expect(queues.map((queue) => queue.name).sort()).toEqual(
      ["break-glass-default", "brakes-default", "changes-default", "reads-default"].sort(),
    );
    expect(queues.every((queue) => queue.readOnlyMode)).toBe(true);
    expect(queues.find((queue) => queue.name === "changes-default")?.jobs.map((job) => job.id)).toEqual([
      await asked.id(),
    ]);
    expect(shown.body).not.toMatch(/xox[bp]-|xapp-/u);
  });

  it("changes nothing, and answers to a local name only", async () => {
    for (const method of ["PUT", "POST", "DELETE", "PATCH"])
      expect((await ask("/api/queues/changes-default/pause", { method })).status).toBe(405);
    expect((await ask("/", { host: "board.example.com" })).status).toBe(403);
    expect((await ask("/", { host: `localhost:${port}` })).status).toBe(200);
  });

  it("says so where its port is taken", async () => {
    await world.start({ config: { http: { bullBoard: port } }, wait: false }).then((p) => p.exited);
    expect(world.lines.join("\n")).toContain("choose another http.bullBoard");
  });
});
