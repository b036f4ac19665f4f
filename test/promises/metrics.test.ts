import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../../playground/processes.ts";
import { ANA, BEN } from "../../playground/slack/workspace-seed.ts";
import { headOf } from "../harness/cards.ts";
import { addKnownJob } from "../harness/known-job.ts";
import { suiteWith } from "../harness/needs.ts";
import { startWorld, type World } from "../harness/world.ts";

const suite = await suiteWith(["redis"]);

/** The samples of a scrape, each with its attributes in the order of their names: `up{a="1",b="2"}`. */
const samples = (text: string): ReadonlyMap<string, number> =>
  new Map(
    text
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => {
        const space = line.lastIndexOf(" ");
        const sample = line.slice(0, space).replace(
          /\{(.*)\}/u,
          (_all, inside: string) =>
            `{${inside
              .split(/,(?=\w+=)/u)
              .toSorted()
              .join(",")}}`,
        );
        return [sample, Number(line.slice(space + 1))] as const;
      }),
  );

const done = (operation: string): string =>
  `flinkops_request_duration_seconds_count{cluster="demo",ending="ran",operation="${operation}",outcome="done"}`;

suite("a process with metrics says what it has done", () => {
  let world: World;
  const scraped = async (): Promise<string> =>
    await (await fetch(`${world.products[0]?.healthUrl}/metrics`)).text();

  beforeAll(async () => {
    world = await startWorld({ config: { http: { metrics: true } } });
  });
  afterAll(async () => await world.stop());

  it("of requests, calls and queues, and names no person, job or channel", async () => {
    await addKnownJob(world, "measured-job");
    expect(headOf(await (await world.people.change(ANA, "savepoint measured-job")).outcome())).toContain(
      "✅",
    );
    const stop = await world.people.change(ANA, "stop measured-job");
    await world.people.approve(BEN, await stop.headed("Waiting for approval"));
    expect(headOf(await stop.outcome())).toContain("✅");
    await world.people.ask(ANA, "list");

    const text = await until("both are closed", async () => {
      const now = await scraped();
      const ended = samples(now);
      return ended.get(done("savepoint")) === 1 && ended.get(done("stop")) === 1 ? now : null;
    });
    const all = samples(text);
    const sum = (start: string): number =>
      [...all].reduce((so, [name, value]) => (name.startsWith(start) ? so + value : so), 0);
    expect(all.get('flinkops_ack_duration_seconds_count{kind="command"}')).toBeGreaterThanOrEqual(3);
    expect(all.get('flinkops_ack_duration_seconds_count{kind="press"}')).toBe(1);
    expect(all.get('flinkops_request_card_duration_seconds_count{operation="stop"}')).toBe(1);
    expect(all.get('flinkops_request_approval_duration_seconds_count{cluster="demo",operation="stop"}')).toBe(
      1,
    );
    expect(sum('flinkops_flink_call_duration_seconds_count{cluster="demo",method="POST",result="202"')).toBe(
      2,
    );
    expect(
      all.get('flinkops_slack_call_duration_seconds_count{method="chat.postMessage",result="ok"}'),
    ).toBeGreaterThanOrEqual(2);
    expect(all.get('flinkops_workers{zone="default"}')).toBe(1);
    expect(all.get('flinkops_queue_jobs{lane="changes",state="waiting",zone="default"}')).toBe(0);
    expect(all.get("flinkops_request_open")).toBe(0);
    expect(all.get('flinkops_job_cache_age_seconds{cluster="demo"}')).toBeLessThan(60);
    expect(all.get("process_memory_usage_bytes")).toBeGreaterThan(1e7);
    expect(all.get("nodejs_eventloop_delay_max_seconds")).toBeGreaterThanOrEqual(0);
    expect(text).not.toMatch(/measured-job|U0[A-Z0-9]{6,}|C0[A-Z0-9]{6,}|S0[A-Z0-9]{6,}/u);
  });

  it("answers a scrape while Redis hangs, with what it knows itself", async () => {
    world.redis.signal("SIGSTOP");
    try {
      const text = await scraped();
      expect(text).toContain("nodejs_eventloop_delay_p99_seconds");
      expect(text).not.toContain("flinkops_queue_jobs{");
    } finally {
      world.redis.signal("SIGCONT");
    }
  });
});

suite("a process without metrics", () => {
  it("has no such page", async () => {
    const world = await startWorld();
    try {
      expect((await fetch(`${world.products[0]?.healthUrl}/metrics`)).status).toBe(404);
    } finally {
      await world.stop();
    }
  });
});
