import { describe, expect, it } from "vitest";
import { createFileSystems, type Savepoints } from "../../src/requests/record/file-systems.ts";
import { findTarget } from "../../src/requests/steps/target.ts";
import { FakeFlinkReads } from "../fakes/flink-reads.ts";
import { aState } from "../fakes/knowledge.ts";
import { aChange, anEngine, anIntake } from "./an-engine.ts";

const ANSWERED = "hdfs://namenode:8020/sp/r1/savepoint-1";

/** What is learned of `prod`: from our configuration, from Flink's, and from the paths that Flink answered. */
async function learned(
  config: Partial<Savepoints>,
  flink: { defaultFileSystem?: string; savepointDirectory?: string; entropyKey?: string } = {},
  answered = ANSWERED,
) {
  let reads = 0;
  const facts = { ...new FakeFlinkReads().theCapabilities, savepointDirectory: null, ...flink };
  const fileSystem = createFileSystems({
    clusters: [{ name: "prod", savepointRoots: [], defaultFileSystem: null, ...config }],
    jobCache: { read: () => Promise.resolve(new Map([["prod", { facts }]])) },
    states: {
      read: () => {
        reads += 1;
        return Promise.resolve([{ states: [{ isSavepoint: true, path: answered }] }]);
      },
    },
  });
  return { ...(await fileSystem("prod")), reads };
}

describe("a cluster's default file system", () => {
  it.each<[string, Parameters<typeof learned>, string | null, number]>([
    [
      "is what we are told",
      [{ defaultFileSystem: "hdfs://a:1", savepointRoots: ["hdfs:///sp"] }],
      "hdfs://a:1",
      0,
    ],
    [
      "is what Flink's configuration names",
      [{ savepointRoots: ["hdfs:///sp"] }, { defaultFileSystem: "hdfs://b:1" }],
      "hdfs://b:1",
      0,
    ],
    ["is learned below a root", [{ savepointRoots: ["hdfs:///sp"] }], "hdfs://namenode:8020", 1],
    [
      "is learned below Flink's default directory",
      [{}, { savepointDirectory: "hdfs:///sp" }],
      "hdfs://namenode:8020",
      1,
    ],
    ["is not asked for where each directory names its own", [{ savepointRoots: ["s3://b/sp"] }], null, 0],
    ["is not known before Flink answered a path", [{ savepointRoots: ["hdfs:///other"] }], null, 1],
  ])("%s", async (_what, given, named, reads) => {
    expect(await learned(...given)).toEqual({ default: named, entropyKey: null, reads });
  });

  it("comes with the entropy key of its configuration", async () => {
    expect(await learned({}, { entropyKey: "_entropy_" })).toMatchObject({ entropyKey: "_entropy_" });
  });
});

it("a savepoint is one target, however it is spelled", async () => {
  const operation = aChange();
  const { engine, known } = anEngine(operation);
  known.states = [aState({ path: ANSWERED })];
  known.fileSystem = { default: "hdfs://namenode:8020", entropyKey: null };
  const cluster = engine.cluster("prod", "change");
  if (cluster === undefined) throw new Error("no cluster");
  const find = async (path: string) =>
    await findTarget(
      engine,
      { intake: anIntake({ find: "path", job: path }), target: { kind: "path", cluster: "prod", path } },
      { operation, cluster },
    );
  const target = { kind: "path", cluster: "prod", path: ANSWERED };
  expect(await find("hdfs:///sp/r1/savepoint-1")).toEqual(target);
  expect(await find("hdfs:/sp/r1/savepoint-1/")).toEqual(target);
  expect(await find("hdfs:///sp/r9")).toEqual({ ...target, path: "hdfs:///sp/r9" });
});
