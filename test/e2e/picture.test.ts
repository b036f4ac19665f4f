import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../../playground/processes.ts";
import { ANA, BEN, INCIDENT } from "../../playground/slack/workspace-seed.ts";
import { suiteWith } from "../harness/needs.ts";
import { startWorld, type World } from "../harness/world.ts";

interface Process {
  pid: number;
  parent: number;
  command: string;
}

/** Every process of this machine that has not ended; one that has may wait for its parent to ask, marked Z. */
const processes = (): Process[] =>
  execFileSync("ps", ["-ww", "-eo", "pid=,ppid=,stat=,args="], { encoding: "utf8" })
    .split("\n")
    .flatMap((line) => {
      const [, pid, parent, command = ""] = /^\s*(\d+)\s+(\d+)\s+[^Z\s]\S*\s+(.*)$/u.exec(line) ?? [];
      return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command }];
    });

const gone = async (pid: number): Promise<true> =>
  await until(
    "the process is gone",
    async () => await Promise.resolve(processes().some((p) => p.pid === pid) ? null : true),
  );

const suite = await suiteWith(["redis"]);

suite("a picture of a job", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({
      slack: { optionalScopes: "granted" },
      config: {
        jobs: [
          { name: "orders", cluster: "demo", jar: { newest: "orders-*.jar" }, args: ["--name", "orders"] },
        ],
      },
    });
    const vertices = [
      { name: "Source: events", load: { busy: 100, backPressured: 900 } },
      { name: "Enrich", load: { busy: 1000 } },
      { name: "Sink", load: { busy: 50 } },
    ];
    await world.flink.control.addJob({ name: "orders", vertices });
    const [source, ...others] = vertices.map(({ name }) => ({ name }));
    const more = [source ?? { name: "" }, { name: "Deduplicate" }, ...others];
    await world.flink.control.addJar({ name: "orders-2.0.jar", jobs: { vertices: more } });
  });
  afterAll(async () => await world.stop());

  const children = () => processes().filter((p) => p.parent === world.products[0]?.pid);
  /** The thread of a question that is answered with a picture, once it is there. */
  const aPicture = async (question = "status orders") => {
    const thread = await world.driver.type(ANA, INCIDENT, "orders are late");
    await world.driver.type(ANA, INCIDENT, `@flink ${question}`, { thread: thread.ts ?? "" });
    const root = { channel: INCIDENT, ts: thread.ts ?? "" };
    return { root, shown: await world.driver.waitForReply(BEN, root, (m) => m.files.length > 0) };
  };

  it("is below the words, for everybody in the thread where the bot was asked", async () => {
    expect(children()).toEqual([]);
    const { root, shown } = await aPicture();
    const replies = await world.driver.thread(root, BEN);
    const [words, picture] = replies.slice(-2);
    expect(words?.plain).toMatch(/orders (?:is|has been) RUNNING/u);
    expect(picture?.ts).toBe(shown.ts);
    expect(shown.files[0]?.alt).toContain("Back-pressure starts at Enrich.");
    const file = await fetch(`${world.slack.url}${shown.files[0]?.url ?? ""}`);
    expect(file.headers.get("content-type")).toBe("image/png");
    expect((await file.arrayBuffer()).byteLength).toBeGreaterThan(10_000);
  });

  it("has the job and its next version next to each other, and nothing is started for it", async () => {
    const { root, shown } = await aPicture("diff orders");
    const [words] = (await world.driver.thread(root, BEN)).slice(-2);
    expect(words?.plain).toContain("orders with orders-2.0.jar: 1 vertex added, 1 changed");
    expect(words?.plain).toContain("reads Deduplicate (hash) instead of Source: events (hash)");
    expect(shown.files[0]).toMatchObject({ name: "graph-diff.png", title: "Graph comparison of orders" });
    expect(shown.files[0]?.alt).toContain("Deduplicate: added");
    expect(await world.flink.control.effects()).toEqual([]);
  });

  it("is drawn in a process of its own, which is replaced when it dies and does not outlive a killed program", async () => {
    const [first, ...others] = children();
    expect(others).toEqual([]);
    expect(first?.command).toMatch(/dist\/draw\.js$/u);
    process.kill(first?.pid ?? 0, "SIGKILL");
    await gone(first?.pid ?? 0);
    expect((await aPicture()).shown.files[0]?.name).toBe("job-graph.png");
    const [second] = children();
    expect(second?.command).toMatch(/dist\/draw\.js$/u);
    world.products[0]?.kill("SIGKILL");
    await gone(second?.pid ?? 0);
  });
});
