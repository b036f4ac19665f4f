import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../../playground/processes.ts";
import { ANA, BEN, INCIDENT } from "../../playground/slack/workspace-seed.ts";
import { suiteWith } from "../harness/needs.ts";
import { startWorld, type World } from "../harness/world.ts";

/** The processes that this one has started, with their command lines. */
const startedBy = (parent: number): { pid: number; command: string }[] =>
  execFileSync("ps", ["-ww", "-eo", "pid=,ppid=,args="], { encoding: "utf8" })
    .split("\n")
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/u.exec(line) ?? [])
    .filter(([, , ppid]) => Number(ppid) === parent)
    .map(([, pid = "", , command = ""]) => ({ pid: Number(pid), command }));

const suite = await suiteWith(["redis"]);

suite("a picture of a job", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ slack: { optionalScopes: "granted" } });
    await world.flink.control.addJob({
      name: "orders",
      vertices: [
        { name: "Source: events", load: { busy: 100, backPressured: 900 } },
        { name: "Enrich", load: { busy: 1000 } },
        { name: "Sink", load: { busy: 50 } },
      ],
    });
  });
  afterAll(async () => await world.stop());

  const draws = () => startedBy(world.products[0]?.pid ?? 0);

  it("is below the words, for everybody in the thread where the bot was asked", async () => {
    expect(draws()).toEqual([]);
    const thread = await world.driver.type(ANA, INCIDENT, "orders are late");
    await world.driver.type(ANA, INCIDENT, "@flink status orders", { thread: thread.ts ?? "" });
    const root = { channel: INCIDENT, ts: thread.ts ?? "" };
    const shown = await world.driver.waitForReply(BEN, root, (m) => m.files.length > 0);
    const replies = await world.driver.thread(root, BEN);
    const [words, picture] = replies.slice(-2);
    expect(words?.plain).toMatch(/orders (?:is|has been) RUNNING/u);
    expect(picture?.ts).toBe(shown.ts);
    expect(shown.files[0]?.alt).toContain("Back-pressure starts at Enrich.");
    const file = await fetch(`${world.slack.url}${shown.files[0]?.url ?? ""}`);
    expect(file.headers.get("content-type")).toBe("image/png");
    expect((await file.arrayBuffer()).byteLength).toBeGreaterThan(10_000);
  });

  it("is drawn in a process of its own, which does not outlive a killed program", async () => {
    const [drawing, ...others] = draws();
    expect(others).toEqual([]);
    expect(drawing?.command).toMatch(/dist\/draw\.js$/u);
    world.products[0]?.kill("SIGKILL");
    await until("the drawing process is gone", async () => {
      const all = execFileSync("ps", ["-eo", "pid="], { encoding: "utf8" }).split("\n").map(Number);
      return await Promise.resolve(all.includes(drawing?.pid ?? 0) ? null : true);
    });
  });
});
