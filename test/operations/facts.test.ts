import { describe, expect, it } from "vitest";
import { StoredDataInvalid } from "../../src/model/errors.ts";
import {
  bothWays,
  frozenJobs,
  leftOutJobs,
  plannedStart,
  scaleFacts,
} from "../../src/operations/facts/intent-facts.ts";
import type { Intent } from "../../src/model/intent.ts";
import { aJob, FakeFlinkReads, T0 } from "../fakes/flink-reads.ts";
import { anEntry, aState, JAR } from "../fakes/knowledge.ts";
import { Drive } from "./drive.ts";

type Facts = Intent["facts"];

/** What a row leaves, as a record keeps it. */
async function left(text: string): Promise<Facts> {
  const flink = new FakeFlinkReads();
  flink.theJars = [{ id: JAR, name: "orders-1.0.jar", uploadedAt: T0 - 7_200_000, entryClasses: [] }];
  if (text.startsWith("run")) flink.theJob = aJob({ state: "FAILED", endedAt: T0 });
  const drive = new Drive(text, flink);
  drive.known.catalogue = { entries: [anEntry()], anyJarOn: [] };
  drive.known.states = [aState()];
  return JSON.parse(JSON.stringify((await drive.intended()).facts)) as Facts;
}

const rows: readonly [string, (facts: Facts) => unknown, string, string][] = [
  ["run orders", plannedStart, "launch", "from"],
  ["rollback orders --from s3://bucket/savepoints/sp-1", plannedStart, "launch", "from"],
  ["restart orders", bothWays, "ways", "ways"],
  ["scale orders 2", scaleFacts, "scale", "scale"],
  ["stop --all", frozenJobs, "jobs", "jobs"],
];

describe("what a row leaves for its later phases", () => {
  it.each(rows)("is read as it was left, by %s", async (text, read, key) => {
    const facts = await left(text);
    const found = read(facts);
    expect(read === plannedStart ? found : { [key]: found }).toEqual(
      read === plannedStart ? { launch: facts["launch"], from: facts["from"] } : { [key]: facts[key] },
    );
  });

  it.each(rows)(
    "is not taken for another thing where another version left it, by %s",
    async (text, read, key, second) => {
      const facts = await left(text);
      for (const wrong of [
        { ...facts, [key]: "x" },
        { ...facts, [second]: 1 },
        { ...facts, [key]: { jar: null } },
        {},
      ])
        expect(() => read(wrong)).toThrow(StoredDataInvalid);
    },
  );

  it("has more in a newer version, which is left alone", async () => {
    const facts = await left("stop --all");
    const jobs = frozenJobs(facts).map((j) => ({ ...j, since: 1 }));
    expect(frozenJobs({ jobs })).toEqual(frozenJobs(facts));
  });

  it("has arguments in full where an older version wrote them down", async () => {
    const { launch, from } = await left("run orders");
    const old = { launch: { ...(launch as object), args: ["--topic", "orders"] }, from: from ?? null };
    expect(plannedStart(old).launch.args).toEqual(["--topic", "orders"]);
  });

  it("names what was left out since there is such a list", () => {
    expect(leftOutJobs({})).toEqual([]);
    expect(leftOutJobs({ leftOut: ["orders (CREATED)"] })).toEqual(["orders (CREATED)"]);
  });
});

it.each([
  ["run orders", "run"],
  ["rollback orders --from s3://bucket/savepoints/sp-1", "run"],
  ["restart orders", "run"],
  ["restart orders", "back"],
  ["scale orders 2", "rescale"],
  ["stop --all", "each"],
])("%s sends nothing that it cannot read: %s", async (text, phase) => {
  const flink = new FakeFlinkReads();
  flink.theJars = [{ id: JAR, name: "orders-1.0.jar", uploadedAt: T0 - 7_200_000, entryClasses: [] }];
  const drive = new Drive(text, flink);
  if (text.startsWith("run")) flink.theJob = aJob({ state: "FAILED", endedAt: T0 });
  drive.known.catalogue = { entries: [anEntry()], anyJarOn: [] };
  drive.known.states = [aState()];
  const intent = await drive.intended();
  drive.keeps({ ...intent, facts: {} });
  await expect(drive.effect({ phase })).rejects.toThrow(StoredDataInvalid);
});
