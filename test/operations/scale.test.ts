import { describe, expect, test } from "vitest";
import { plain } from "../../src/model/text.ts";
import { aJob, anException, aVertex, FakeFlinkReads, T0 } from "../fakes/flink-reads.ts";
import { isRefusal } from "../../src/model/report.ts";
import { Drive, words } from "./drive.ts";

const SOURCE = aVertex({ maxParallelism: 1 });
const WINDOW = aVertex({ id: "bbbb0000000000000000000000000002", name: "Window" });
const SINK = aVertex({ id: "cccc0000000000000000000000000003", name: "Sink", maxParallelism: 16 });

const aFlink = (): FakeFlinkReads => {
  const flink = new FakeFlinkReads();
  flink.theJob = aJob({ vertices: [SOURCE, WINDOW, SINK] });
  return flink;
};
const running = (window: number, sink: number, over = {}) =>
  aJob({
    vertices: [
      SOURCE,
      { ...WINDOW, parallelism: window, tasksRunning: window, tasksTotal: window },
      { ...SINK, parallelism: sink, tasksRunning: sink, tasksTotal: sink },
    ],
    ...over,
  });

test("all vertices go to n, each held at its own maximum, from and to listed", async () => {
  const drive = new Drive("scale orders 3", aFlink());
  const intent = await drive.intended();
  expect(plain(intent.headline)).toBe("Scale orders to 3");
  expect(intent.details.map(plain).slice(0, 3)).toEqual([
    "Source: stays at 1",
    "Window: 1 → 3",
    "Sink: 1 → 3",
  ]);
  expect(await drive.effect()).toMatchObject({
    do: "rescale",
    target: {
      [SOURCE.id]: { lowerBound: 1, upperBound: 1 },
      [WINDOW.id]: { lowerBound: 1, upperBound: 3 },
      [SINK.id]: { lowerBound: 1, upperBound: 3 },
    },
  });
  expect(intent.binds).toMatchObject({ alive: true, requirements: { [WINDOW.id]: { upperBound: 1 } } });
});

test("the lower bound is never raised, and lowered where it must be", async () => {
  const flink = aFlink();
  const at4 = { lowerBound: 4, upperBound: 4 };
  flink.theRequirements = {
    is: "ok",
    vertices: { [SOURCE.id]: { lowerBound: 1, upperBound: 1 }, [WINDOW.id]: at4, [SINK.id]: at4 },
  };
  expect(await new Drive("scale orders 2 --vertex Window", flink).effect()).toMatchObject({
    target: { [WINDOW.id]: { lowerBound: 2, upperBound: 2 }, [SINK.id]: at4 },
  });
  expect(await new Drive("scale orders 8 --vertex Window --wait-for-slots", flink).effect()).toMatchObject({
    target: { [WINDOW.id]: { lowerBound: 4, upperBound: 8 } },
  });
});

test("vertices by name and by id, once each", async () => {
  const intent = await new Drive(
    `scale orders 2 --vertex Window --vertex ${SINK.id} --vertex Window`,
    aFlink(),
  ).intended();
  expect(intent.details.map(plain).slice(0, 2)).toEqual(["Window: 1 → 2", "Sink: 1 → 2"]);
});

test.each([
  [
    "a named vertex above its maximum",
    "scale orders 17 --vertex Sink",
    "The maxParallelism of Sink is 16; 17 is above it",
  ],
  ["what is allowed instead", "scale orders 17 --vertex Sink", "Allowed here: 1 to 16."],
  ["n that no vertex can take", "scale orders 200", "No vertex of orders can run at 200"],
  ["an unknown vertex", "scale orders 2 --vertex Windw", '--vertex "Window"'],
  ["the others as well", "scale orders 2 --vertex Windw", '--vertex "Sink"'],
  ["what is so already", "scale orders 1", "It runs at 1 already."],
])("refuses %s", async (_name, text, said) => {
  expect(await new Drive(text, aFlink()).refusal()).toContain(said);
});

test("two vertices of one name are told apart by id", async () => {
  const flink = aFlink();
  flink.theJob = aJob({ vertices: [WINDOW, { ...SINK, name: "Window" }] });
  const said = await new Drive("scale orders 2 --vertex Window", flink).refusal();
  expect(said).toContain("2 vertices have the name Window");
  expect(said).toContain(`--vertex ${SINK.id}`);
});

test("refuses schedulers that cannot, and says what to do instead", async () => {
  const flink = aFlink();
  flink.theJob = aJob({ scheduler: "Default" });
  expect(await new Drive("scale orders 2", flink).refusal()).toContain("its scheduler is Default");
  flink.theJob = aJob({ scheduler: null });
  flink.theCapabilities = { ...flink.theCapabilities, rescale: false };
  expect(await new Drive("scale orders 2", flink).refusal()).toContain("jobmanager.scheduler: adaptive");
  flink.theCapabilities = { ...flink.theCapabilities, rescale: true };
  flink.theRequirements = { is: "unsupported", reason: "Cannot change the parallelism in reactive mode." };
  const said = await new Drive("scale orders 2", flink).refusal();
  expect(said).toContain("reactive mode.");
  expect(said).toContain("--via-savepoint stops it with a savepoint and starts it again");
});

test("refuses to lose the state of a job without checkpoints", async () => {
  const flink = aFlink();
  flink.config = null;
  expect(await new Drive("scale orders 2", flink).refusal()).toContain("all state would be lost");
  flink.config = { intervalMs: null, timeoutMs: 1, retainedOnCancel: true, retainedOnFailure: true };
  expect(await new Drive("scale orders 2", flink).refusal()).toContain("all state would be lost");
});

test.each([
  ["within what is free", "scale orders 2", [], "It takes 1 more slot and leaves 2 of 4 free."],
  [
    "all that is free",
    "scale orders 4",
    ["It takes 3 more slots and leaves 0 of 4 free. No other job can start until then."],
    "",
  ],
])("says what it takes and leaves: %s", async (_, text, warnings, detail) => {
  const intent = await new Drive(text, aFlink()).intended();
  expect(intent.warnings.map(plain)).toEqual(warnings);
  expect(intent.details.map(plain).join("\n")).toContain(detail);
  expect(intent.class).toBeUndefined();
});

test("beyond the free slots it is refused, with what is possible and how to wait for more", async () => {
  const drive = new Drive("scale orders 8", aFlink());
  const said = await drive.open();
  expect(isRefusal(said) && words(said)).toBe(
    [
      "orders at 8 needs 7 more slots; 3 of 4 are free.",
      "Possible now: up to 4.",
      "--wait-for-slots takes every slot that is free or becomes free; someone else must approve it.",
    ].join("\n"),
  );
  expect(isRefusal(said) && said.offers?.map((o) => o.args)).toMatchObject([
    { parallelism: 4 },
    { parallelism: 8, waitForSlots: true },
  ]);
});

const grouped = (free: number): FakeFlinkReads => {
  const flink = aFlink();
  // a source of its own, as many subtasks as the others, and two that share
  const source = { ...SOURCE, slotGroup: "a", maxParallelism: 128 };
  flink.theJob = aJob({
    vertices: [source, { ...WINDOW, slotGroup: "b" }, { ...SINK, slotGroup: "b" }],
  });
  flink.theCapabilities = { ...flink.theCapabilities, slotsTotal: 10, slotsFree: free };
  return flink;
};

describe("slot sharing groups", () => {
  test("a job takes as many slots as the widest vertex of each of them together", async () => {
    const intent = await new Drive("scale orders 3", grouped(8)).intended();
    expect(intent.details.map(plain)).toContain("It takes 4 more slots and leaves 4 of 10 free.");
    const one = await new Drive("scale orders 3 --vertex Window --vertex Sink", grouped(8)).intended();
    expect(one.details.map(plain)).toContain("It takes 2 more slots and leaves 6 of 10 free.");
  });

  test("what is possible now counts each of them", async () => {
    const said = await new Drive("scale orders 6", grouped(5)).open();
    expect(isRefusal(said) && words(said)).toContain(
      "orders at 6 needs 10 more slots; 5 of 10 are free.\nPossible now: up to 3.",
    );
    const none = await new Drive("scale orders 6", grouped(1)).open();
    expect(isRefusal(none) && words(none)).not.toContain("Possible now");
    expect(isRefusal(none) && none.offers?.map((o) => o.label)).toEqual(["Wait for slots"]);
  });

  test("so does what Flink waits for", async () => {
    const flink = grouped(3);
    const drive = new Drive("scale orders 3 --wait-for-slots", flink);
    const { target } = (await drive.intended()).facts["scale"] as { target: Record<string, never> };
    flink.theRequirements = { is: "ok", vertices: target };
    expect(await drive.note({ waited: 40_000 })).toContain("for slots: 4 more needed, 3 free");
  });
});

test("waiting for slots takes them from all others, so someone else must approve", async () => {
  const intent = await new Drive("scale orders 8 --wait-for-slots", aFlink()).intended();
  expect(intent.class).toBe("destructive");
  expect(intent.warnings.map(plain).join()).toContain("no other job can start until then");
});

test("a cluster that starts task managers by itself has as many slots as are asked", async () => {
  const flink = aFlink();
  flink.theCapabilities = { ...flink.theCapabilities, elastic: true };
  const intent = await new Drive("scale orders 8", flink).intended();
  expect(intent.class).toBeUndefined();
  expect(intent.details.map(plain).join()).toContain("starts task managers for the rest");
});

test("asked before and still waiting is said", async () => {
  const flink = aFlink();
  const at8 = { lowerBound: 1, upperBound: 8 };
  flink.theRequirements = {
    is: "ok",
    vertices: { [SOURCE.id]: { lowerBound: 1, upperBound: 1 }, [WINDOW.id]: at8, [SINK.id]: at8 },
  };
  flink.theJob = running(4, 4);
  expect(await new Drive("scale orders 8 --wait-for-slots", flink).refusal()).toContain(
    "Parallelism 8 has already been requested",
  );
});

const scaling = async (n: number, more = "") => {
  const flink = aFlink();
  const drive = new Drive(`scale orders ${n} --wait-for-slots${more}`, flink);
  const { target } = (await drive.intended()).facts["scale"] as { target: Record<string, never> };
  flink.theRequirements = { is: "ok", vertices: target };
  return { flink, drive };
};

test("says what Flink waits for", async () => {
  const { flink, drive } = await scaling(3);
  expect(await drive.note({ waited: 5_000 })).toBe(
    "Flink is waiting for the next checkpoint (one every 1 m), and until 30 s after its last rescale",
  );
  expect(await drive.note({ waited: 40_000 })).toBe(
    "Flink is waiting for the next checkpoint (one every 1 m)",
  );
  flink.theCapabilities = { ...flink.theCapabilities, slotsFree: 1 };
  expect(await drive.note({ waited: 40_000 })).toBe(
    "Flink is waiting up to 1 m for slots: 2 more needed, 1 free",
  );
  flink.theJob = running(3, 3, { state: "CREATED" });
  expect(await drive.note({ waited: 41_000 })).toContain("Flink is restarting the tasks (CREATED)");
});

test("done of one vertex names it, because the others have not changed", async () => {
  const { flink, drive } = await scaling(2, " --vertex Window");
  const job = running(2, 2);
  flink.theJob = {
    ...job,
    vertices: job.vertices.map((v) => (v.name === "Window" ? v : { ...v, parallelism: 1, tasksRunning: 1 })),
  };
  expect(await drive.ending()).toContain("done: Window of orders runs at 2\n");
});

test("done means parallelism and running tasks", async () => {
  const { flink, drive } = await scaling(3);
  const job = running(3, 3);
  flink.theJob = { ...job, vertices: job.vertices.map((v) => ({ ...v, tasksRunning: 0 })) };
  expect(await drive.note()).toContain("0 of 7 running");
  flink.theJob = job;
  expect(await drive.ending()).toContain(
    "done: orders runs at 3\nParallelism: 1 → 3; every task was running after",
  );
});

test("a vertex that is through with its input is not waited for", async () => {
  const { flink, drive } = await scaling(3);
  const job = running(3, 3);
  const [source, window, sink] = job.vertices.map((v) => v);
  if (source === undefined || window === undefined || sink === undefined) throw new Error("three");
  const finished = { ...source, tasksRunning: 0, tasksFinished: 1 };
  flink.theJob = { ...job, vertices: [finished, { ...window, tasksRunning: 1 }, sink] };
  expect(await drive.observe()).toMatchObject({
    note: "Flink is restarting the tasks (RUNNING): 4 of 7 running, 1 finished",
    progress: [5, 7],
  });
  flink.theJob = { ...job, vertices: [finished, window, sink] };
  expect(await drive.ending()).toContain("done: orders runs at 3");
});

test("some minutes later: what came of it, compared with before", async () => {
  const { flink, drive } = await scaling(3);
  flink.theJob = running(3, 3);
  const report = await drive.report();
  expect(await drive.followUp(report)).toMatchObject({ worse: false });
  flink.theExceptions = [anException({ at: T0 + 1 })];
  expect(await drive.followUp(report)).toEqual({
    line: "every task runs, 0 checkpoints since, 1 failure (IllegalStateException: boom).",
    worse: true,
  });
});

test("settled lower: asked 8, running at 4", async () => {
  const { flink, drive } = await scaling(8);
  flink.theJob = running(4, 4);
  expect(await drive.note({ waited: 65_000 })).not.toContain("partly");
  flink.theCapabilities = { ...flink.theCapabilities, slotsFree: 0 };
  const said = await drive.ending({ waited: 65_000 });
  expect(said).toContain("partly: orders runs at 4 instead of 8: the cluster has 4 slots");
  expect(said).toContain("Window: 1 → 8 (now 4)");
  expect((await drive.report({ waited: 65_000 })).offers?.[0]).toMatchObject({
    operation: "scale",
    args: { parallelism: 1 },
  });
});

test("no slot at all: stays as it was, said only when every wait of Flink's is over", async () => {
  const { flink, drive } = await scaling(8);
  flink.theCapabilities = { ...flink.theCapabilities, slotsFree: 0 };
  expect(await drive.note({ waited: 160_000, late: true })).toContain("longer than usual");
  expect(await drive.ending({ waited: 300_000, late: true })).toContain(
    "runs at 1 instead of 8: the cluster has 4 slots",
  );
});

test("the job ended meanwhile", async () => {
  const { flink, drive } = await scaling(3);
  flink.theJob = running(1, 1, { state: "FAILED", endedAt: T0 });
  expect(await drive.ending()).toContain("failed: orders ended before it was scaled\nThe job is FAILED.");
});

test("refused, in Flink's words", async () => {
  const { drive } = await scaling(3);
  const sent = { is: "refused", reason: "Another update is in progress." } as const;
  expect(await drive.ending({ sent })).toContain("failed: orders was not scaled\nAnother update");
});

test("unknown: the requirements tell whether it arrived", async () => {
  const { flink, drive } = await scaling(3);
  const sent = { is: "unknown", looked: "Neither the old nor the new requirements are there." } as const;
  expect(await drive.note({ sent })).toContain("Flink is waiting for");
  flink.theRequirements = { is: "ok", vertices: { [WINDOW.id]: { lowerBound: 1, upperBound: 2 } } };
  expect(await drive.ending({ sent })).toContain("unknown: orders may not have been scaled");
});

test("someone else changed it since", async () => {
  const { flink, drive } = await scaling(3);
  flink.theRequirements = { is: "ok", vertices: { [WINDOW.id]: { lowerBound: 1, upperBound: 2 } } };
  expect(await drive.ending({ late: true, waited: 160_000 })).toContain("partly: orders is being scaled");
});
