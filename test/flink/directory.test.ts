import { describe, expect, it } from "vitest";
import {
  parseDefaultFileSystem,
  parseSavepointDirectory,
  parseSavepointRoot,
} from "../../src/model/savepoint-path.ts";
import { learnedDefault, liesUnder, plainPath, UNKNOWN_FILE_SYSTEM } from "../../src/model/state-path.ts";

const roots = [
  "s3://bucket/savepoints",
  "file:///var/sp/",
  "abfss://c@acc.dfs.core.windows.net/sp",
  "hdfs:///sp",
  "gs://bucket/sp",
  "oss://bucket/sp",
  "viewfs:///sp",
  "wasbs://c@acc.blob.core.windows.net/sp",
];
const allowed = { roots, fileSystem: UNKNOWN_FILE_SYSTEM };

describe("a savepoint directory", () => {
  it.each([
    ["s3://bucket/savepoints", "s3://bucket/savepoints"],
    ["S3://bucket//savepoints//a/", "s3://bucket/savepoints/a"],
    ["  s3://bucket/savepoints/a  ", "s3://bucket/savepoints/a"],
    ["file:/var/sp/x", "file:/var/sp/x"],
    ["file:///var/sp/x", "file:/var/sp/x"],
    ["abfss://c@acc.dfs.core.windows.net/sp/a", "abfss://c@acc.dfs.core.windows.net/sp/a"],
    ["hdfs:///sp/a", "hdfs:///sp/a"],
    ["hdfs:/sp/a", "hdfs:///sp/a"],
    ["viewfs:/sp//a/", "viewfs:///sp/a"],
    ["GS://bucket/sp", "gs://bucket/sp"],
    ["oss://bucket/sp/ä+ü", "oss://bucket/sp/ä+ü"],
    ["wasbs://c@acc.blob.core.windows.net/sp/a", "wasbs://c@acc.blob.core.windows.net/sp/a"],
    ["s3://bucket/savepoints/a&b=c", "s3://bucket/savepoints/a&b=c"],
  ])("takes %s", (text, ok) => {
    expect(parseSavepointDirectory(text, allowed)).toEqual({ ok });
  });

  it.each([
    ["", "must start with its file system"],
    ["/var/sp", "must start with its file system"],
    ["http://bucket/savepoints", "not a file system"],
    ["javascript:alert(1)", "not a file system"],
    ["s3://bucket/savepoints-other", "must be below"],
    ["s3://bucket", "must be below"],
    ["s3://Bucket/savepoints", "must be below"],
    ["s3a://bucket/savepoints", "must be below"],
    ["s3://bucket/savepoints/../x", "must not contain . or .."],
    ["s3://bucket/savepoints/./x", "must not contain . or .."],
    ["s3://bucket/savepoints/%2e%2e/x", "percent-encoded"],
    ["s3://bucket/savepoints%2fx", "percent-encoded"],
    ["s3://key:secret@bucket/savepoints", "must not contain a user name"],
    ["s3://bucket/savepoints?x=1", "must not have a query"],
    ["s3://bucket/savepoints#x", "must not have a query"],
    ["s3://bucket/savepoints\\..\\x", "must not contain \\"],
    ["s3://bucket/savepoints/<!channel>", "must not contain <"],
    ["s3://bucket/savepoints/a b", "must not contain spaces"],
    ["s3://bucket/savepoints/a\u200bb", "must not contain spaces"],
    ["s3://bucket/savepoints/a\nb", "must not contain spaces"],
    ["s3:/bucket/savepoints", "is written s3://"],
    ["s3://bucket/ѕavepoints/x", "must be below"],
    ["s3://bucket/savepoints／x", "must be below"],
    ["s3://bückét/savepoints", "like namenode:8020"],
    [`hdfs://${"name:".repeat(190)}/sp`, /^.{1,200}$/u],
    [`${"s3".repeat(490)}:/sp`, /^.{1,200}$/u],
    ["s3://bucket:443@evil/savepoints", "must not contain a user name"],
    ["hdfs://namenode:8020/sp/a", "what hdfs:/// means there"],
    ["hdfs://namenode:8020/other", /below [^,]*$/u],
    ["viewfs://mounts/sp/a", "what viewfs:/// means there"],
    ["wasbs://d@acc.blob.core.windows.net/sp/a", "must be below"],
    ["s3://", "is written s3://"],
    ["hdfs://", "is written hdfs://"],
    ["s3:///bucket/savepoints", "is written s3://"],
    ["file://host/var/sp", "file:/path"],
    ["file:///", "root of the disk"],
    ["abfss://acc.dfs.core.windows.net/sp", "container@account"],
    [`s3://bucket/savepoints/${"x".repeat(3_000)}`, "at most 1000"],
  ])("refuses %j", (text, words) => {
    const problem = typeof words === "string" ? expect.stringContaining(words) : expect.stringMatching(words);
    expect(parseSavepointDirectory(text, allowed)).toEqual({ problem });
  });

  it("is never taken where no root is configured", () => {
    expect(parseSavepointDirectory("s3://bucket/x", { ...allowed, roots: [] })).toEqual({
      problem: expect.stringContaining("default"),
    });
  });

  it("may be checked alone, as a root", () => {
    expect(parseSavepointRoot("s3://bucket/")).toEqual({ ok: "s3://bucket" });
    expect(parseSavepointRoot("ftp://x")).toHaveProperty("problem");
  });
});

describe("a path that Flink reports", () => {
  it("is found under a directory in either spelling of file", () => {
    expect(liesUnder("file:/var/sp/r1/savepoint-1", "file:///var/sp/r1")).toBe(true);
    expect(liesUnder("file:/var/sp/r11/savepoint-1", "file:///var/sp/r1")).toBe(false);
    expect(liesUnder("<checkpoint-not-externally-addressable>", "file:///var/sp")).toBe(false);
  });

  it.each([
    ["file:/tmp/with space/r1/savepoint-1", "file:///tmp/with space/r1", true],
    ["s3://b/a%20b/[x]/savepoint-1", "s3://b/a%20b", true],
    ["cosn://b/sp/r1/savepoint-1", "cosn://b/sp/r1/", true],
    ["hdfs:/user/flink/sp/chk-1", "hdfs:///user/flink/sp", true],
    ["s3://b/sp/../other/savepoint-1", "s3://b/sp", false],
    ["s3://other/sp/savepoint-1", "s3://b/sp", false],
    ["/sp/savepoint-1", "/sp", false],
  ])("may hold anything: %s under %s is %s", (path, directory, is) => {
    expect(liesUnder(path, directory)).toBe(is);
  });
});

describe("a name node", () => {
  const NAMED = "hdfs://namenode:8020";
  const on = { default: NAMED, entropyKey: null };

  it.each([
    ["hdfs://namenode:8020/user/flink/sp/r1", "hdfs:/user/flink/sp/r1"],
    ["hdfs:///user/flink/sp/r1/", "hdfs:/user/flink/sp/r1"],
    ["HDFS:/user//flink/sp/r1", "hdfs:/user/flink/sp/r1"],
    ["hdfs://other:8020/user", "hdfs://other:8020/user"],
    ["file:///a/", "file:/a"],
    ["s3://b/_entropy_/a", "s3://b/_entropy_/a"],
    ["<checkpoint-not-externally-addressable>", "<checkpoint-not-externally-addressable>"],
  ])("one spelling of %s", (path, plain) => {
    expect(plainPath(path, on)).toBe(plain);
  });

  it.each([
    [["hdfs:///sp"], ["hdfs://namenode:8020/sp/r1/savepoint-1"], NAMED],
    [["hdfs:/sp/"], ["hdfs:/sp/r0/savepoint-0", "hdfs://namenode:8020/sp/r1/savepoint-1"], NAMED],
    [["viewfs:///sp"], ["viewfs://mounts/sp/r1/savepoint-1"], "viewfs://mounts"],
    [["hdfs:///sp"], ["hdfs://namenode:8020/elsewhere/savepoint-1"], null],
    [["hdfs://namenode:8020/sp"], ["hdfs://namenode:8020/sp/savepoint-1"], null],
    [["hdfs:///sp"], ["hdfs://namenode:8020/sp/1", "hdfs://backup:8020/sp/2"], null],
    [["hdfs:///sp"], [], null],
    [["s3://b/sp"], ["s3://b/sp/savepoint-1"], null],
  ])("below %j, %j tell %s", (directories, answered, learned) => {
    expect(learnedDefault(directories, answered)).toBe(learned);
  });

  it("that is known lets through what flinkops prints itself, and no other", () => {
    const known = { roots: ["hdfs:///user/flink"], fileSystem: on };
    const parse = (text: string) => parseSavepointDirectory(text, known);
    expect(parse("hdfs://namenode:8020/user/flink/sp")).toEqual({ ok: "hdfs://namenode:8020/user/flink/sp" });
    expect(parse("hdfs:/user/flink/sp")).toEqual({ ok: "hdfs:///user/flink/sp" });
    expect(parse("hdfs://evil:8020/user/flink/sp")).toEqual({
      problem: "it must be below hdfs:///user/flink",
    });
  });

  it("is configured without a path", () => {
    expect(parseDefaultFileSystem("HDFS://namenode:8020/")).toEqual({ ok: NAMED });
    expect(parseDefaultFileSystem("viewfs://mounts")).toEqual({ ok: "viewfs://mounts" });
    for (const text of ["hdfs:///", "hdfs://namenode/user", "s3://bucket", "namenode:8020", ""])
      expect(parseDefaultFileSystem(text)).toHaveProperty("problem");
  });
});

const parse = (text: string, entropyKey: string | null) =>
  "ok" in
  parseSavepointDirectory(text, {
    roots: ["s3://bucket/_entropy_/sp"],
    fileSystem: { default: null, entropyKey },
  });

describe("a root with an entropy key", () => {
  it.each([
    ["s3://bucket/_entropy_/sp/a", "_entropy_", true],
    ["s3://bucket/sp/a", "_entropy_", true],
    ["s3://bucket/sp/a", null, false],
    ["s3://bucket/sp/a", "_other_", false],
    ["s3://bucket/x_entropy_/sp/a", "_entropy_", false],
  ])("%s with the key %s: %s", (text, key, is) => {
    expect(parse(text, key)).toBe(is);
  });

  it("is not left where a root has none", () => {
    const on = { roots: ["s3://bucket/sp"], fileSystem: { default: null, entropyKey: "_entropy_" } };
    expect(parseSavepointDirectory("s3://bucket/_entropy_/sp", on)).toHaveProperty("problem");
  });
});
