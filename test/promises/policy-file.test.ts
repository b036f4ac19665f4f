import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { stringify } from "yaml";
import { until } from "../../playground/processes.ts";
import type { SeenMessage } from "../../playground/slack/driver.ts";
import { ANA, APPROVERS, BEN, CEM, FLINK_OPS, OPERATORS } from "../../playground/slack/workspace-seed.ts";
import { newKey } from "../../src/platform/seal.ts";
import { headOf } from "../harness/cards.ts";
import { suiteWith } from "../harness/needs.ts";
import { startWorld, type World } from "../harness/world.ts";

const suite = await suiteWith(["redis"]);

const POLICY = {
  people: { operators: { groups: [OPERATORS] }, approvers: { groups: [APPROVERS] }, ben: { users: [BEN] } },
  rules: [
    {
      name: "four eyes more",
      jobs: ["twice-*"],
      classes: ["destructive"],
      ask: ["operators"],
      approve: [{ from: ["approvers"] }, { from: ["ben"] }],
    },
    { name: "one", classes: ["destructive"], ask: ["operators"], approve: [{ from: ["approvers"] }] },
    { name: "rest", classes: ["operate"], ask: ["operators"], allow: true },
  ],
};

suite("a policy file decides in every process, and a change of it does so without a restart", () => {
  let world: World;
  let directory: string;
  let file: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "flinkops-policy-"));
    file = join(directory, "policy.yml");
    await writeFile(file, stringify(POLICY));
    world = await startWorld({
      replicas: 2,
      config: {
        policy: file,
        people: undefined,
        seal: { keys: [{ env: "SEAL_KEY" }], channel: FLINK_OPS },
      },
      env: { SEAL_KEY: newKey() },
    });
  });
  afterAll(async () => {
    await world.stop();
    await rm(directory, { recursive: true });
  });

  const effectsOf = async (jobId: string) =>
    (await world.flink.control.effects()).filter((e) => e.jobId === jobId).map((e) => e.do);
  const logged = async (words: string, times: number): Promise<void> =>
    void (await until(`"${words}" ${times} times`, async () =>
      world.lines.filter((line) => line.includes(words)).length >= times ? true : null,
    ));
  const notices = async (words: string): Promise<SeenMessage[]> =>
    (await world.driver.messages(FLINK_OPS, BEN)).filter((m) => m.plain.includes(words));

  it("takes two people where a rule asks for one of each of two sets", async () => {
    const { jobId } = await world.flink.control.addJob({ name: "twice-approved" });
    const asked = await world.people.change(ANA, "stop twice-approved");
    const card = await asked.headed("Waiting for approval");
    await world.driver.click(CEM, card, "Approve stop");
    await until("one vote is counted", async () =>
      (await world.stored.events(await asked.id())).includes("approved") ? true : null,
    );
    expect(await effectsOf(jobId)).toEqual([]);
    await world.driver.click(BEN, card, "Approve stop");
    expect(headOf(await asked.outcome())).toContain("✅");
    expect(await effectsOf(jobId)).toEqual(["stop"]);
  });

  it("keeps the one before where it cannot be loaded: savepoints go on, what destroys is refused", async () => {
    const { jobId } = await world.flink.control.addJob({ name: "kept" });
    await writeFile(file, "rules: [");
    await logged("policy not reloaded, destructive operations are refused", 2);
    const savepoint = await world.people.change(ANA, "savepoint kept");
    expect(headOf(await savepoint.outcome())).toContain("✅");
    const told = await world.people.ask(ANA, "stop kept");
    expect(told.plain).toContain("The policy was changed and could not be loaded (policy.yml)");
    expect(await effectsOf(jobId)).toEqual(["savepoint"]);
    await until("the channel is told", async () =>
      (await notices("could not be loaded:")).length > 0 ? true : null,
    );

    await writeFile(file, stringify({ ...POLICY, rules: POLICY.rules.slice(1) }));
    await logged("policy reloaded", 2);
    await until("the channel is told again", async () =>
      (await notices("was loaded:")).length > 0 ? true : null,
    );
    // two processes have said it, once
    expect(await notices("could not be loaded:")).toHaveLength(1);
    expect(await notices("was loaded:")).toHaveLength(1);
    // an auditor can tell which policy held when, in each process
    const entries = (await world.stored.audit()).filter(({ event }) => event.startsWith("policy "));
    const processOf = ({ detail }: (typeof entries)[number]) => (detail["process"] as { id: string }).id;
    const ids = [...new Set(entries.map(processOf))];
    const [first, second] = ids.map((id) =>
      entries
        .filter((entry) => processOf(entry) === id)
        .map(({ event, detail }) => [event, detail["before"], detail["hash"]]),
    );
    const [begun, next] = [first?.[0]?.[2], first?.[2]?.[2]];
    expect(next).not.toBe(begun);
    expect(first).toEqual([
      ["policy loaded", null, begun],
      ["policy not loaded", undefined, begun],
      ["policy loaded", begun, next],
    ]);
    expect([second, ids.length]).toEqual([first, 2]);
    const asked = await world.people.change(ANA, "stop kept");
    await world.driver.click(CEM, await asked.headed("Waiting for approval"), "Approve stop");
    expect(headOf(await asked.outcome())).toContain("✅");
    expect(await effectsOf(jobId)).toEqual(["savepoint", "stop"]);
  });
});
