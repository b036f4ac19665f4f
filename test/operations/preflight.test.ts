import { describe, expect, it } from "vitest";
import type { Intent } from "../../src/model/intent.ts";
import { plain } from "../../src/model/text.ts";
import { isRefusal } from "../../src/model/report.ts";
import { changedBinds, sameBinds } from "../../src/requests/record/binding.ts";
import type { Planned, SeenVertices } from "../../src/model/planned-job.ts";
import {
  aCheckpoint,
  aJob,
  checkpointsOf,
  FakeFlinkReads,
  JOB_ID,
  plannedAs,
  T0,
} from "../fakes/flink-reads.ts";
import { anEntry, aState, JAR } from "../fakes/knowledge.ts";
import { Drive } from "./drive.ts";

const NEW_JAR = "2222-orders-1.1.jar";
const STARTED = T0 - 3_600_000;
const SOURCE = { id: "aaaa0000000000000000000000000001", name: "Source", parallelism: 1 };
const WINDOW = { id: "bbbb0000000000000000000000000002", name: "Window", parallelism: 1 };
const RENAMED = { ...WINDOW, id: "cccc0000000000000000000000000003" };

/** A restart with the newest jar, which gives this plan. */
function restart(plan: Planned, text = "restart orders --jar newest") {
  const flink = new FakeFlinkReads();
  flink.theJars = [
    { id: NEW_JAR, name: "orders-1.1.jar", uploadedAt: T0 - 60_000, entryClasses: [] },
    { id: JAR, name: "orders-1.0.jar", uploadedAt: STARTED - 60_000, entryClasses: [] },
  ];
  flink.thePlan = () => plan;
  const drive = new Drive(text, flink);
  drive.known.catalogue = { entries: [anEntry()], anyJarOn: [] };
  return { flink, drive };
}
const SAME = plannedAs([SOURCE, WINDOW]);
const warned = (intent: Intent): string => intent.warnings.map(plain).join("\n");
const detailed = (intent: Intent): string => intent.details.map(plain).join("\n");
/** The job as the job cache saw it three hours ago. */
const SEEN: SeenVertices = {
  at: T0 - 3 * 3_600_000,
  vertices: [
    { ...SOURCE, maxParallelism: 128, head: "Source", bytes: 265 },
    { ...WINDOW, maxParallelism: 64, head: "Window", bytes: 41_000_000 },
  ],
};
const UNKNOWN = "It is unknown whether the new version takes all of the state: ";

describe("before a restart is asked for approval, the new version is planned", () => {
  it("as it would be started, with the arguments in full", async () => {
    const { flink, drive } = restart(SAME);
    await drive.intended();
    expect(flink.planned).toEqual([
      { jar: NEW_JAR, entryClass: "com.example.Orders", args: ["--topic", "orders"], parallelism: 1 },
    ]);
  });

  it("and it is said that it takes all of the state, and what starts empty", async () => {
    const { drive } = restart(plannedAs([SOURCE, WINDOW, { ...SOURCE, id: "d".repeat(32), name: "Sink" }]));
    const intent = await drive.intended();
    expect(detailed(intent)).toContain(
      "The new version takes all of the state: 2 of 2 vertices, 18 MB. Checked: the first operator of each vertex.",
    );
    expect(detailed(intent)).toContain("New, starts empty: Sink.");
    expect(intent.binds).toMatchObject({ plannedVertices: [SOURCE.id, WINDOW.id, "d".repeat(32)] });
    expect(warned(intent)).not.toContain("unknown");
  });

  it("and refused where it would drop state, with its vertex and size", async () => {
    const { drive } = restart(plannedAs([SOURCE, RENAMED]));
    const refusal = await drive.refusal();
    expect(refusal).toContain(
      "The new version would not take the state of Window (18 MB). Nothing was changed.",
    );
    expect(refusal).toContain("Give the operator the uid that it had before.");
  });

  it("and what is dropped is named, where the catalog allows that", async () => {
    const { drive } = restart(plannedAs([SOURCE, RENAMED]));
    drive.known.catalogue = { entries: [anEntry({ allowNonRestoredState: true })], anyJarOn: [] };
    const intent = await drive.intended();
    expect(intent.losses.map(plain)).toEqual([
      "The state of Window (18 MB) is dropped permanently: the new version has no vertex for it.",
    ]);
    expect(detailed(intent)).toContain("New, starts empty: Window.");
  });

  it("and refused where Flink would not start it, in Flink's words", async () => {
    const { drive } = restart({ is: "cannot start", why: 'For input string: "x"' });
    expect(await drive.refusal()).toContain('The new version cannot be started: For input string: "x"');
  });

  it("and refused above the maximum parallelism of the state", async () => {
    const { drive } = restart(plannedAs([SOURCE, { ...WINDOW, parallelism: 129 }]));
    expect(await drive.refusal()).toContain("Parallelism 129 is above the maximum of Window, 128");
  });

  it("and refused where the program is wider than there are slots, which the parallelism does not tell", async () => {
    const wide = plannedAs([SOURCE, { ...WINDOW, parallelism: 5 }]);
    const { flink, drive } = restart(wide);
    expect(await drive.refusal()).toBe(
      "In the program, Window has parallelism 5. It needs 5 slots; 4 of 4 are free for it.\nStop or scale down another job first, or add task managers.",
    );
    flink.theCapabilities = { ...flink.theCapabilities, elastic: true };
    expect(warned(await drive.intended())).not.toContain("slot");
    const fits = restart(plannedAs([SOURCE, { ...WINDOW, parallelism: 4 }]));
    expect(detailed(await fits.drive.intended())).toContain("takes all of the state");
    // where its state is unknown too
    const unknown = restart(wide);
    unknown.flink.theCheckpoints = checkpointsOf();
    expect(await unknown.drive.refusal()).toContain("It needs 5 slots");
  });

  it("and warned of state that goes to an operator of another name", async () => {
    const { drive } = restart(plannedAs([SOURCE, { ...WINDOW, name: "Filter" }]));
    expect(warned(await drive.intended())).toContain(
      "The state of Window (18 MB) goes to Filter, which has its id.",
    );
  });
});

describe("it is said why nothing is known, and the restart can be approved", () => {
  it.each<[string, Planned, string]>([
    ["not told", { is: "not told", why: "prod does not plan jars" }, "prod does not plan jars"],
    ["another job", plannedAs([SOURCE], null, "import"), "the first job of its main() is import"],
    [
      "in a chain",
      plannedAs([{ ...SOURCE, name: "Source -> Window" }]),
      "in the new version Window (18 MB) is inside a chain, where a plan shows no ids",
    ],
  ])("%s", async (_, plan, why) => {
    expect(warned(await restart(plan).drive.intended())).toContain(`${UNKNOWN}${why}.`);
  });

  it("no checkpoint", async () => {
    const { flink, drive } = restart(SAME);
    flink.theCheckpoints = checkpointsOf();
    expect(warned(await drive.intended())).toContain(`${UNKNOWN}no checkpoint tells how large`);
    flink.theJob = aJob();
    flink.theSizes = null;
    expect(warned(await drive.intended())).toContain(`${UNKNOWN}no checkpoint tells how large`);
  });

  it("unless the job cache saw one: of a job whose JobManager was replaced, Flink lists no checkpoint", async () => {
    const { flink, drive } = restart(SAME);
    drive.known.vertices = SEEN;
    const now = await drive.intended();
    expect(detailed(now)).toContain("2 of 2 vertices, 18 MB");
    expect(detailed(now)).not.toContain("last seen");
    flink.theCheckpoints = checkpointsOf();
    const seen = await drive.intended();
    expect(detailed(seen)).toContain("2 of 2 vertices, 41 MB");
    expect(detailed(seen)).toContain("the sizes are as last seen 3 h before this was asked.");
    flink.theCheckpoints = checkpointsOf(aCheckpoint());
    flink.theSizes = null;
    expect(detailed(await drive.intended())).toContain("as last seen 3 h before this was asked.");
  });

  it("code outside of the catalog is not run for the sake of a question", async () => {
    const { flink, drive } = restart(SAME, `restart orders --jar ${NEW_JAR}`);
    drive.known.catalogue = { entries: [anEntry({ jar: { newest: "other-*.jar" } })], anyJarOn: ["prod"] };
    drive.known.launches = [
      {
        jobId: JOB_ID,
        from: null,
        jar: JAR,
        entryClass: null,
        args: [],
        parallelism: 1,
        allowNonRestoredState: false,
      },
    ];
    const intent = await drive.intended();
    expect(warned(intent)).toContain(
      `${UNKNOWN}its code is not in the catalog, so it is checked only once this is approved, before the start.`,
    );
    expect(flink.planned).toEqual([]);
    const again = await drive.again(intent);
    expect(flink.planned).toHaveLength(1);
    expect(isRefusal(again) || sameBinds(intent, again)).toBe(true);
    flink.thePlan = () => plannedAs([SOURCE, RENAMED]);
    expect(await drive.again(intent)).toMatchObject({ refuse: expect.anything() });
  });

  it("what was unknown then may be known at the start, and is not held against it", async () => {
    const { flink, drive } = restart({ is: "not told", why: "it took too long" });
    const intent = await drive.intended();
    flink.thePlan = () => SAME;
    const again = await drive.again(intent);
    if (isRefusal(again)) throw new Error("refused");
    expect(sameBinds(intent, again)).toBe(true);
    flink.thePlan = () => plannedAs([SOURCE, RENAMED]);
    expect(await drive.again(intent)).toMatchObject({ refuse: expect.anything() });
  });

  it("what was known then and differs at the start is another request", async () => {
    const { flink, drive } = restart(SAME);
    const intent = await drive.intended();
    flink.thePlan = () => plannedAs([SOURCE, WINDOW, RENAMED]);
    const again = await drive.again(intent);
    if (isRefusal(again)) throw new Error("refused");
    expect(changedBinds(intent, again)).toEqual(["planned vertices"]);
  });
});

it("a restart with everything as before is not planned", async () => {
  const { flink, drive } = restart(SAME, "restart orders");
  const entry = anEntry();
  drive.known.launches = [
    {
      jobId: JOB_ID,
      from: null,
      jar: JAR,
      entryClass: entry.entryClass,
      args: { entry: "orders", shown: entry.args, sha256: entry.digests[0] },
      parallelism: 1,
      allowNonRestoredState: false,
    },
  ];
  const intent = await drive.intended();
  expect(flink.planned).toEqual([]);
  expect(intent.binds).toMatchObject({ plannedVertices: null });
});

describe("the state that a start names is compared with the program", () => {
  const PATH = "s3://bucket/savepoints/r1/savepoint-3f9c00-1";
  const stopped = (plan: Planned, text: string, over: Parameters<typeof aJob>[0] = {}) => {
    const world = restart(plan, text);
    world.flink.theJob = aJob({ state: "FINISHED", endedAt: T0, ...over });
    world.flink.theCheckpoints = checkpointsOf(aCheckpoint({ id: 9, isSavepoint: true, path: PATH }));
    world.drive.known.states = [aState({ path: PATH })];
    return world;
  };
  const RUN = "run orders --from last";
  const gone = (plan: Planned): Drive => {
    const world = stopped(plan, RUN);
    world.flink.theJob = null;
    world.drive.known.vertices = SEEN;
    return world.drive;
  };

  it("a run that would drop state is refused, and it may be allowed", async () => {
    const plan = plannedAs([SOURCE, RENAMED]);
    expect(await stopped(plan, RUN).drive.refusal()).toContain("not take the state of Window (18 MB)");
    const allowed = await stopped(plan, `${RUN} --allow-non-restored-state`).drive.intended();
    expect(allowed.losses.map(plain)).toContain(
      "The state of Window (18 MB) is dropped permanently: the new version has no vertex for it.",
    );
    expect(allowed.class).toBe("destructive");
  });

  it("a run that fits says so, as long as Flink lists the job and the savepoint", async () => {
    const fits = stopped(SAME, RUN);
    expect(detailed(await fits.drive.intended())).toContain("takes all of the state: 2 of 2 vertices");
    // Flink's list does not have that savepoint yet: the job's newest checkpoint tells
    fits.flink.theCheckpoints = checkpointsOf(aCheckpoint({ id: 8 }));
    expect(detailed(await fits.drive.intended())).toContain("takes all of the state: 2 of 2 vertices");
    fits.flink.theCheckpoints = checkpointsOf();
    expect(warned(await fits.drive.intended())).toContain(`${UNKNOWN}no checkpoint tells`);
    fits.flink.theJob = null;
    expect(warned(await fits.drive.intended())).toContain(`${UNKNOWN}Flink no longer lists the job`);
  });

  it("a run from the state of a job that Flink no longer lists is compared with the job as last seen", async () => {
    const age =
      "Flink no longer tells the size of the state of each vertex; the sizes are as last seen 3 h before this was asked.";
    const intent = await gone(SAME).intended();
    expect(detailed(intent)).toContain("takes all of the state: 2 of 2 vertices, 41 MB.");
    expect(detailed(intent)).toContain(age);
    expect(warned(intent)).not.toContain("unknown");
    expect(detailed(intent)).not.toContain("starts empty");
    expect(await gone(plannedAs([SOURCE, RENAMED])).refusal()).toContain(
      `would not take the state of Window (41 MB). Nothing was changed.\n${age}`,
    );
    expect(warned(await gone(plannedAs([SOURCE, { ...WINDOW, name: "Filter" }])).intended())).toContain(
      "The state of Window (41 MB) goes to Filter, which has its id.",
    );
    expect(await gone(plannedAs([SOURCE, { ...WINDOW, parallelism: 65 }])).refusal()).toContain(
      "Parallelism 65 is above the maximum of Window, 64",
    );
    const chained = await gone(plannedAs([{ ...SOURCE, name: "Source -> Window" }])).intended();
    expect(warned(chained)).toContain("Window (41 MB) is inside a chain");
  });

  it("a job with too many vertices is not known as last seen", async () => {
    const { flink, drive } = stopped(SAME, RUN);
    drive.known.vertices = { at: T0, vertices: null };
    expect(detailed(await drive.intended())).toContain("2 of 2 vertices, 18 MB");
    flink.theJob = null;
    expect(warned(await drive.intended())).toContain(
      `${UNKNOWN}Flink no longer lists the job that wrote that state, and it has more vertices than flinkops stores.`,
    );
  });

  it("a run and a roll-back of a program that is wider than there are slots are refused", async () => {
    const wide = plannedAs([SOURCE, { ...WINDOW, parallelism: 5 }]);
    expect(await stopped(wide, RUN).drive.refusal()).toContain("It needs 5 slots; 3 of 4 are free for it.");
    const running = { state: "RUNNING", endedAt: null } as const;
    const back = stopped(wide, `rollback orders --from ${PATH}`, running);
    expect(await back.drive.refusal()).toContain("It needs 5 slots; 4 of 4 are free for it.");
  });

  it("a run with empty state is not planned", async () => {
    const { flink, drive } = stopped(SAME, "run orders --from none");
    await drive.intended();
    expect(flink.planned).toEqual([]);
  });

  it("a roll-back that would drop state is refused", async () => {
    const text = `rollback orders --from ${PATH}`;
    const { drive } = stopped(plannedAs([SOURCE, RENAMED]), text, { state: "RUNNING", endedAt: null });
    expect(await drive.refusal()).toContain("not take the state of Window (18 MB)");
    const fits = stopped(SAME, text, { state: "RUNNING", endedAt: null });
    expect(detailed(await fits.drive.intended())).toContain("takes all of the state: 2 of 2 vertices");
  });
});
