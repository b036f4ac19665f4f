import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../../playground/processes.ts";
import { ANA, BEN, DORA, FLINK_OPS } from "../../playground/slack/workspace-seed.ts";
import { everyMessage } from "../harness/cards.ts";
import { suiteWith } from "../harness/needs.ts";
import { startWorld, type World } from "../harness/world.ts";

const suite = await suiteWith(["redis"]);

suite("looking, from Slack to a simulated Flink and back", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({
      demo: {
        jars: [
          {
            id: "1_orders.jar",
            name: "orders.jar",
            uploaded: 1_800_000_000_000,
            entry: [{ name: "com.x.Main" }],
          },
        ],
      },
      config: { links: [{ label: "Grafana", url: "https://grafana.example/d?var-job={job}" }] },
    });
    const { control } = world.flink;
    await control.addJob({ name: "healthy" });
    const { jobId } = await control.addJob({
      name: "sick",
      vertices: [
        { name: "Source", load: { busy: 100, backPressured: 850 } },
        { name: "Enrich", parallelism: 2, load: { busy: 990, recordsIn: 1000, skew: 5 } },
      ],
    });
    await control.checkpoint(jobId, { failure: "Checkpoint expired before completing." });
    await until("the directory knows the jobs", async () =>
      (await ask("list")).includes("sick") ? true : null,
    );
  });
  afterAll(async () => await world.stop());

  const ask = async (words: string): Promise<string> => (await world.people.ask(ANA, words)).plain;

  it("status: every vertex's load, what holds it back, and the links of the configuration", async () => {
    const said = await ask("status sick");
    expect(said).toMatch(
      /^🟠 sick is behind: Enrich is the bottleneck, busy 99%|^🟠 sick failed |^🔴 sick: only /u,
    );
    expect(said).toMatch(/Source \| 1 \| . of 1 running \| 10% \| 85% /u);
    expect(said).toContain("Grafana");
  });

  it("diagnose: every fault the job has, worst first, and nothing on a healthy one", async () => {
    const said = await ask("diagnose sick");
    expect(said).toContain("The last checkpoint failed");
    expect(said).toContain("Back-pressure starts at Enrich (busy 99%)");
    expect(said).toContain("Skew in Enrich");
    expect(await ask("diagnose healthy")).toContain("Nothing found: healthy is RUNNING");
  });

  it("logs: failures with their cause, for operators only, without secrets and stacks", async () => {
    const { control } = world.flink;
    const { jobId } = await control.addJob({ name: "logged" });
    await control.failJob(jobId, { message: "cannot reach https://svc:hunter2@store.example/b" });
    const said = await world.people.ask(ANA, "logs logged");
    expect(said.plain).toMatch(
      /• \d\d:\d\d:\d\d WARN .* FAILED with failure cause: – IllegalStateException: /u,
    );
    expect(said.plain).toMatch(/cannot reach https:\/\/\*+@store/u);
    expect(said.plain).not.toMatch(/hunter2|B\.java/u);
    expect((await world.people.ask(DORA, "logs logged")).plain).toContain("You are not allowed to use logs.");
    await control.logs({ jobManager: null });
    expect(await ask("logs logged --from jobmanager")).toContain("JobManager writes no log file.");
  });

  it("diagnose: tasks that are missing, memory, failures", async () => {
    const { control } = world.flink;
    const { jobId } = await control.addJob({ name: "flapping" });
    await control.failJob(jobId, { message: "disk full" });
    await until("it runs again", async () => ((await control.job(jobId)).tasksRunning ? true : null));
    await control.changeJob(jobId, { tasksRunning: false });
    await control.taskManager({ heapUsed: 390_000_000, gcMsPerSecond: 400 });
    const said = await ask("diagnose flapping");
    expect(said).toContain("It failed 1 time in the last 10 minutes");
    expect(said).toContain("root cause IllegalStateException: disk full");
    expect(said).toContain("only 0 of 2 tasks run");
    expect(said).toContain("garbage collection takes 40% of the time");
    await control.taskManager({ heapUsed: 1, gcMsPerSecond: 0 });
    expect(await ask("exceptions flapping")).toContain("IllegalStateException: disk full");
  });

  it("checkpoints, metrics, jars, clusters", async () => {
    expect(await ask("checkpoints sick")).toContain("1 completed, 1 failed");
    expect(await ask("metrics healthy")).toContain("numRestarts · 0");
    expect(await ask("metrics sick Enrich")).toContain("busyTimeMsPerSecond");
    expect(await ask("jars")).toContain("com.x.Main");
    expect(await ask("jars nope")).toContain("There is no cluster nope");
    expect(await ask("clusters")).toContain("Flink 2.3.0, adaptive scheduler");
  });

  it("savepoints: from our own records and from Flink, also once the job and its cluster have forgotten it", async () => {
    const { control } = world.flink;
    const { jobId } = await control.addJob({ name: "leaving" });
    const asked = await world.people.change(ANA, "savepoint leaving");
    await asked.outcome();
    await until("both are known", async () => {
      const said = await ask("savepoints leaving");
      return said.includes("2 restorable states") && said.includes("requested by") ? true : null;
    });
    await control.removeJob(jobId);
    const said = await ask("savepoints leaving");
    expect(said).toContain("2 restorable states");
    expect(said).toContain(`file:/checkpoints/${jobId}`);
    expect(await ask(`savepoints ${jobId.slice(0, 8)}`)).toContain("2 restorable states");
    expect(await ask("savepoints never-heard-of")).toContain("knows no state");
  });

  it("posts an answer to the channel by a button, with the name of who pressed it", async () => {
    const answer = await world.people.ask(ANA, "diagnose healthy");
    await world.driver.click(ANA, answer, "Post to channel");
    const posted = await world.driver.waitFor(
      BEN,
      (seen) =>
        everyMessage(seen).find(
          (one) =>
            one.channel === FLINK_OPS && !one.ephemeral && one.plain.includes("Nothing found: healthy"),
        ),
      { what: "the answer in the channel" },
    );
    expect(posted.plain).toContain("Asked by");
    expect(posted.controls.map((k) => k.label)).not.toContain("Post to channel");
    const listed = await world.people.ask(ANA, "clusters");
    await world.driver.click(ANA, listed, "Post to channel");
    await world.driver.waitFor(
      BEN,
      (seen) => everyMessage(seen).find((one) => !one.ephemeral && one.plain.includes("1 cluster")),
      { what: "a local answer in the channel" },
    );
  });

  it("pages through a thousand jobs", async () => {
    const { control } = world.flink;
    for (let i = 0; i < 1000; i += 1) await control.addJob({ name: `many-${String(i).padStart(4, "0")}` });
    await until("the directory knows them", async () =>
      (await ask("list")).includes("Page 1 of 26") ? true : null,
    );
    const first = await world.people.ask(ANA, "list");
    expect(await world.people.clickAndHear(ANA, first, "Next page")).toContain("Page 2 of 26");
    expect(await ask("list --page 26")).toContain("many-0999");
  });

  it("takes a checkpoint", async () => {
    const asked = await world.people.change(ANA, "checkpoint healthy --full");
    expect((await asked.outcome()).plain).toMatch(/Checkpoint \d+ of healthy is complete/u);
    expect((await world.flink.control.effects()).filter((e) => e.do === "checkpoint")).toHaveLength(1);
  });
});
