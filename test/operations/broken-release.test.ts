import { expect, test } from "vitest";
import { plain } from "../../src/model/text.ts";
import { aJob, anException, checkpointsOf, FakeFlinkReads, T0 } from "../fakes/flink-reads.ts";
import { anEntry, JAR } from "../fakes/knowledge.ts";
import { DIRECTORY, Drive, EFFECT_ID } from "./drive.ts";

/** The reply that mentions the requester is the report's headline and its first line. */
test("a new version that failed and was rolled back: the first line names its exception, not its state", async () => {
  const location = `${DIRECTORY}/savepoint-1`;
  const flink = new FakeFlinkReads();
  flink.theJars = [
    { id: "2222-orders-1.1.jar", name: "orders-1.1.jar", uploadedAt: T0, entryClasses: [] },
    { id: JAR, name: "orders-1.0.jar", uploadedAt: T0 - 7_200_000, entryClasses: [] },
  ];
  const drive = new Drive("restart orders --jar newest", flink);
  drive.known.catalogue = { entries: [anEntry()], anyJarOn: [] };
  await drive.intended();
  const results = { stop: { location }, stopped: { location } };
  flink.theJob = aJob({ jobId: EFFECT_ID, state: "RESTARTING", startedAt: T0, stateSince: T0 + 46_000 });
  flink.theCheckpoints = {
    ...checkpointsOf(),
    latestRestored: { path: location, isSavepoint: true, at: T0 },
  };
  flink.theExceptions = [46_000, 20_000].map((ms) =>
    anException({ at: T0 + ms, cause: "NullPointerException", message: "price is null" }),
  );
  // while it is still waited for
  expect(await drive.note({ phase: "run", results, waited: 46_000 })).toContain(
    "NullPointerException: price is null",
  );
  const next = await drive.observe({ phase: "run", results, waited: 301_000 });
  if (next.kind !== "next") throw new Error("not next");
  expect(next.phase).toBe("cancel");
  flink.theJob = aJob({ jobId: EFFECT_ID, startedAt: T0, stateSince: T0, now: T0 + 6_000 });
  flink.theExceptions = [];
  const report = await drive.report({
    phase: "back",
    results: { ...results, run: next.result },
    waited: 6_000,
  });
  expect(plain(report.headline)).toBe("orders was rolled back: the old version runs again");
  expect(plain(report.lines[0] ?? "")).toBe(
    "The new version: NullPointerException: price is null (2 failures)",
  );
});
