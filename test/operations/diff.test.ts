import { describe, expect, it } from "vitest";
import { FlinkUnreachable } from "../../src/model/errors.ts";
import type { Planned } from "../../src/model/planned-job.ts";
import { isRefusal, type Report } from "../../src/model/report.ts";
import { plain } from "../../src/model/text.ts";
import {
  aCheckpoint,
  aJob,
  aVertex,
  checkpointsOf,
  FakeFlinkReads,
  JOB_ID,
  plannedAs,
  T0,
} from "../fakes/flink-reads.ts";
import { anEntry, FakeKnowledge, JAR } from "../fakes/knowledge.ts";
import { asked, told } from "./ask.ts";

const NEW_JAR = "2222-orders-1.1.jar";
const SOURCE = { id: "aaaa0000000000000000000000000001", name: "Source", parallelism: 1 };
const WINDOW = { id: "bbbb0000000000000000000000000002", name: "Window", parallelism: 1 };
const RENAMED = { ...WINDOW, id: "cccc0000000000000000000000000003" };

function world(plan?: Planned) {
  const flink = new FakeFlinkReads();
  flink.theJars = [
    { id: NEW_JAR, name: "orders-1.1.jar", uploadedAt: T0 - 60_000, entryClasses: [] },
    { id: JAR, name: "orders-1.0.jar", uploadedAt: T0 - 7_200_000, entryClasses: [] },
  ];
  if (plan !== undefined) flink.thePlan = () => plan;
  const known = new FakeKnowledge();
  known.catalogue = { entries: [anEntry()], anyJarOn: [] };
  return { flink, known };
}
const said = async (plan?: Planned, text = "diff orders"): Promise<string> => {
  const { flink, known } = world(plan);
  return await told(text, flink, known);
};
async function report(plan?: Planned, text = "diff orders"): Promise<Report> {
  const { flink, known } = world(plan);
  const answer = await asked(text, flink, known);
  if (isRefusal(answer)) throw new Error(plain(answer.refuse));
  return answer;
}
const offered = ({ offers }: Report) => offers?.map((o) => [o.label, o.args]);

describe("the launch of a restart is planned and compared", () => {
  it("with the newest jar, the catalog's arguments and the job's own parallelism", async () => {
    const { flink, known } = world();
    flink.theJob = aJob({ vertices: [aVertex({ parallelism: 3 }), aVertex({ ...WINDOW })] });
    await asked("diff orders", flink, known);
    await asked("diff orders --jar orders-1.0.jar --parallelism 8", flink, known);
    const program = { entryClass: "com.example.Orders", args: ["--topic", "orders"] };
    expect(flink.planned).toEqual([
      { ...program, jar: NEW_JAR, parallelism: 3 },
      { ...program, jar: JAR, parallelism: 8 },
    ]);
  });

  it("an unchanged program: nothing differs, nothing to restart for, and no picture", async () => {
    const same = await report();
    expect(plain(same.headline)).toBe(
      "🟢 orders with orders-1.1.jar: no vertex differs; takes all of the state",
    );
    expect(same.picture).toBeUndefined();
    expect(offered(same)).toEqual([["Compare again", { job: `prod/${JOB_ID}`, jar: "newest" }]]);
    expect(await said()).toContain("Flink planned the new version and started nothing.");
  });

  it("a version that fits, with a button for the restart that was compared", async () => {
    const text = "diff orders --parallelism 4";
    const plan = plannedAs([SOURCE, WINDOW, { ...SOURCE, id: "d".repeat(32), name: "Sink" }], 4);
    expect(await said(plan, text)).toBe(
      [
        "🟢 orders with orders-1.1.jar: 1 vertex added, 2 changed; takes all of the state",
        "The new version takes all of the state: 2 of 2 vertices, 18 MB. Checked: the first operator of each vertex. Not checked: operators inside a chain, and types and serializers.",
        "New, starts empty: Sink.",
        "It needs 4 slots; 4 of 4 are free for it, with those of the job.",
        "Jar orders-1.1.jar, uploaded 2027-01-15 07:59 UTC, parallelism 4.",
        "Flink planned the new version and started nothing.",
        `prod, id ${JOB_ID}, Flink`,
        "Sink | added, parallelism 4 | starts empty",
        "Source | parallelism 1 → 4 | 265 B, taken",
        "Window | parallelism 1 → 4 | 18 MB, taken",
      ].join("\n"),
    );
    const args = { job: `prod/${JOB_ID}`, jar: "newest", parallelism: 4 };
    expect(offered(await report(plan, text))).toEqual([
      ["Compare again", args],
      ["Restart with it", args],
    ]);
    expect((await report(plan, text)).picture).toMatchObject({
      kind: "graph diff",
      before: { title: "RUNNING" },
      after: { title: "orders-1.1.jar" },
    });
  });

  it.each([
    [
      "its program sets a parallelism",
      "diff orders",
      "In the program, Window has parallelism 8. It needs 8 slots",
    ],
    ["it is asked for", "diff orders --parallelism 8", "It needs 8 slots"],
  ])("a version that needs more slots than are free says so, where %s", async (_, text, needs) => {
    const wide = plannedAs([{ ...WINDOW, parallelism: 8 }, SOURCE]);
    const found = await report(wide, text);
    const words = await said(wide, text);
    expect(words).toContain(`${needs}; 4 of 4 are free for it. A restart would be refused now.`);
    expect(plain(found.headline)).toMatch(/^🟠 .*; takes all of the state; not enough free slots$/u);
    expect(offered(found)?.map(([label]) => label)).toEqual(["Compare again"]);
    expect(found.outcome).toBe("done");
  });

  it("an ended job releases no slots, and a cluster that grows needs no line", async () => {
    const ended = world();
    ended.flink.theJob = aJob({ state: "FAILED" });
    expect(await told("diff orders", ended.flink, ended.known)).toContain("1 slot; 3 of 4 are free for it.");
    const grows = world();
    grows.flink.theCapabilities = { ...grows.flink.theCapabilities, elastic: true, slotsFree: 0 };
    const words = await told("diff orders --parallelism 2", grows.flink, grows.known);
    expect(words).not.toContain("free");
  });

  it("a version that would drop state says which, why, and that a restart is refused", async () => {
    const plan = plannedAs([SOURCE, RENAMED]);
    const words = await said(plan);
    expect(words).toContain("🔴 orders with orders-1.1.jar: 1 vertex added, 1 removed; would drop state");
    expect(words).toContain(
      "The new version would not take the state of Window (18 MB). A restart is refused.",
    );
    expect(words).toContain(
      "Window has another id in the new version. If it is the same operator, give it the uid",
    );
    expect(words).toContain("Window (bbbb0000) | removed | 18 MB, dropped");
    expect(offered(await report(plan))?.map(([label]) => label)).toEqual(["Compare again"]);
  });

  it("or that it is dropped, where the catalog allows that", async () => {
    const { flink, known } = world(plannedAs([SOURCE, RENAMED]));
    known.catalogue = { entries: [anEntry({ allowNonRestoredState: true })], anyJarOn: [] };
    expect(await told("diff orders", flink, known)).toContain(
      "The state of Window (18 MB) is dropped permanently",
    );
    const answer = await asked("diff orders", flink, known);
    expect(isRefusal(answer) ? [] : offered(answer)).toHaveLength(2);
  });

  it.each<[string, Planned, readonly string[]]>([
    [
      "too wide",
      plannedAs([SOURCE, { ...WINDOW, parallelism: 129 }]),
      [
        "1 vertex changed; too wide for the state",
        "Parallelism 129 is above the maximum of Window, 128, which belongs to its state. A restart is refused.",
        "18 MB, at most parallelism 128",
      ],
    ],
    [
      "inside a chain",
      plannedAs([{ ...SOURCE, name: "Source -> Window" }]),
      [
        "🟠 orders with orders-1.1.jar: 1 vertex removed, 1 changed; unknown whether it takes the state",
        "in the new version Window (18 MB) is inside a chain",
        "18 MB, unknown: inside a chain",
      ],
    ],
    [
      "to another operator",
      plannedAs([SOURCE, { ...WINDOW, name: "Filter" }]),
      [
        "The state of Window (18 MB) goes to Filter, which has its id.",
        "Window | runs Filter instead of Window | 18 MB, goes to Filter",
      ],
    ],
  ])("state that is %s", async (_, plan, words) => {
    const all = await said(plan);
    for (const one of words) expect(all).toContain(one);
  });

  it("a job whose sizes are unknown, and one that has ended but is still listed", async () => {
    const { flink, known } = world(plannedAs([SOURCE, RENAMED]));
    flink.theCheckpoints = checkpointsOf();
    flink.theJob = aJob({ state: "FINISHED", endedAt: T0, stateSince: T0 - 60_000 });
    const words = await told("diff orders", flink, known);
    expect(words).toContain(
      "It is unknown whether the new version takes all of the state: no checkpoint tells",
    );
    expect(words).toContain("Window has another id in the new version.");
    expect(words).toContain("The job has been FINISHED for 1 m; its last graph is compared.");
    expect(words).toContain("Source | unchanged | not known");
    const answer = await asked("diff orders", flink, known);
    expect(isRefusal(answer) ? [] : offered(answer)).toHaveLength(1);
  });

  it("a job whose sizes only the job cache has seen: the answer says how old they are", async () => {
    const { flink, known } = world(plannedAs([SOURCE, RENAMED]));
    flink.theCheckpoints = checkpointsOf();
    const vertex = { ...WINDOW, maxParallelism: 128, head: "Window", bytes: 41_000_000 };
    known.vertices = { at: T0 - 3 * 3_600_000, vertices: [vertex] };
    const words = await told("diff orders", flink, known);
    expect(words).toContain("would not take the state of Window (41 MB). A restart is refused.");
    expect(words).toContain("the sizes are as last seen 3 h ago.");
    flink.theCheckpoints = checkpointsOf(aCheckpoint());
    expect(await told("diff orders", flink, known)).not.toContain("last seen");
  });

  it("a job that was scaled since its start has the parallelism that it runs with, and its own order", async () => {
    const { flink, known } = world();
    const start = plannedAs([WINDOW, SOURCE]);
    Object.assign(flink, { graphOf: async () => (start.is === "planned" ? start.graph : null) });
    flink.theJob = aJob({ vertices: [aVertex({ parallelism: 4 }), aVertex({ ...WINDOW, parallelism: 4 })] });
    const words = await told("diff orders", flink, known);
    expect(words).toContain("no vertex differs");
    expect(words.split("\n").slice(-2)).toEqual([
      "Source | unchanged | 265 B, taken",
      "Window | unchanged | 18 MB, taken",
    ]);
  });

  it("a large graph says how much of it is shown", async () => {
    const { flink, known } = world();
    const vertices = Array.from({ length: 50 }, (_, i) => aVertex({ id: `v${i}`, name: `map ${i}` }));
    flink.theJob = aJob({ vertices });
    expect(await told("diff orders", flink, known)).toContain("40 of 50 vertices, those that differ first:");
  });
});

describe("it is refused, with the reason and what to do", () => {
  it("code outside of the catalog is not run for the sake of a question", async () => {
    const { flink, known } = world();
    known.catalogue = { entries: [anEntry({ jar: { newest: "other-*.jar" } })], anyJarOn: ["prod"] };
    const words = await told("diff orders --jar orders-1.1.jar", flink, known);
    expect(words).toContain(
      "orders-1.1.jar is not in the catalog with its class and arguments. Planning runs its code",
    );
    expect(words).toContain("request a restart: once that is approved, the new version is planned");
    expect(flink.planned).toEqual([]);
  });

  it.each<[string, Planned, string]>([
    [
      "a version that cannot start",
      { is: "cannot start", why: 'For input string: "x"' },
      'The new version cannot be started: For input string: "x"',
    ],
    [
      "what Flink does not tell",
      { is: "not told", why: "prod does not plan jars" },
      "The new version could not be planned: prod does not plan jars. Nothing was changed.",
    ],
    [
      "another job first",
      plannedAs([SOURCE], null, "import"),
      "The first job of its main() is import, not orders. Nothing was compared.",
    ],
  ])("%s", async (_, plan, words) => {
    expect(await said(plan)).toContain(words);
  });

  it("a jar that is not there, and a job that is not in the catalog", async () => {
    expect(await said(undefined, "diff orders --jar nope.jar")).toContain(
      "There is no jar nope.jar on prod.",
    );
    const { flink } = world();
    expect(await told("diff orders", flink, new FakeKnowledge())).toContain(
      "orders is not in the catalog of prod",
    );
  });

  it("a job without vertices, one that is gone, and a Flink that does not answer", async () => {
    const { flink, known } = world();
    flink.theJob = aJob({ state: "CREATED", vertices: [] });
    expect(await told("diff orders", flink, known)).toContain(
      "Flink does not show the vertices of orders while it is CREATED.",
    );
    flink.theJob = aJob();
    Object.assign(flink, { graphOf: async () => null });
    expect(await told("diff orders", flink, known)).toContain("orders is no longer known to prod.");
    flink.theJob = null;
    expect(await told("diff orders", flink, known)).toContain("orders is no longer known to prod.");
    flink.down = new FlinkUnreachable("no answer", "maybe");
    await expect(told("diff orders", flink, known)).rejects.toThrow("no answer");
  });
});
