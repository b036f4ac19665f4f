import { expect, test } from "vitest";
import { FakeFlinkReads, T0 } from "../fakes/flink-reads.ts";
import { told } from "./ask.ts";

test("newest first, each with its entry class and its id", async () => {
  const flink = new FakeFlinkReads();
  flink.theJars = [
    { id: "1_a.jar", name: "a.jar", uploadedAt: T0, entryClasses: ["com.x.Main"] },
    { id: "2_b.jar", name: "b.jar", uploadedAt: T0 - 1, entryClasses: [] },
  ];
  expect(await told("jars", flink)).toBe(
    [
      "2 jars on prod",
      "a.jar | uploaded 2027-01-15 08:00 UTC | entry com.x.Main | id 1_a.jar",
      "b.jar | uploaded 2027-01-15 07:59 UTC | no entry class in its manifest | id 2_b.jar",
    ].join("\n"),
  );
});

test("the newest 40 of many", async () => {
  const flink = new FakeFlinkReads();
  flink.theJars = Array.from({ length: 41 }, (_, i) => ({
    id: `${i}_a.jar`,
    name: `a-${i}.jar`,
    uploadedAt: T0 - i,
    entryClasses: [],
  }));
  const [headline, note, ...rows] = (await told("jars", flink)).split("\n");
  expect([headline, note]).toEqual(["41 jars on prod", "The newest 40."]);
  expect(rows).toHaveLength(40);
  expect(rows.at(-1)).toContain("a-39.jar");
});

test("a cluster without any says why they may be gone, one that takes none says why", async () => {
  const flink = new FakeFlinkReads();
  expect(await told("jars", flink)).toMatch(
    /^0 jars on prod\nNothing was uploaded since the JobManager started\./u,
  );
  flink.theJars = null;
  expect(await told("jars prod", flink)).toContain("prod does not accept jars.");
});
